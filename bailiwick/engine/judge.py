"""Judging rows: each refusal is a predicate, the first that matches speaks, all in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.engine.action import Refusal
    from bailiwick.models import Customer

ALLOWED = -1


def verdicts(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> QuerySet[Any]:
    """Annotates each row with the index of the refusal that speaks, or ALLOWED."""
    whens = [When(refusal.when, then=Value(index)) for index, refusal in enumerate(refusals)]
    if not whens:
        return rows.annotate(verdict=Value(ALLOWED, output_field=IntegerField()))
    return rows.annotate(verdict=Case(*whens, default=Value(ALLOWED), output_field=IntegerField()))


def tally(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> dict[int, int]:
    """Counts the rows of each verdict, in one query."""
    judged = verdicts(rows, refusals).order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict(judged)
