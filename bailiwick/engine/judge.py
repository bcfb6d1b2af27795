"""Judging rows: each refusal is a predicate, the first that matches speaks, all in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, IntegerField, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL

from bailiwick.models import Customer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.engine.action import Refusal

ALLOWED = -1


def within(rows: QuerySet[Customer], ids: Sequence[int]) -> QuerySet[Customer]:
    """Cuts rows to these ids as one array: `pk__in` would make a parameter of each, and cost more than the work."""
    return rows.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [list(ids)]))  # noqa: S611 -- the text is a constant


def stand_alone(refusals: Sequence[Refusal]) -> bool:
    """Whether the refusals look at nothing but the row itself, so that locking and judging may be one statement."""
    joins = len(verdicts(Customer.objects.all(), refusals).query.alias_map) > 1
    return not joins and not any(isinstance(part, Subquery) for refusal in refusals for part in refusal.when.flatten())


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
