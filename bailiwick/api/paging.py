"""Rows by their ids: one of them, or keyset pages, of which each costs the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from ninja import Query

from bailiwick.api.problems import not_found
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)
Limit = Annotated[int, Query(ge=1, le=2048, description="How many rows at most.")]
After = Annotated[int | None, Query(ge=0, lt=2**63, description="The `next` of the page before.")]
Id = Annotated[int, Query(ge=1, lt=2**63)]


def one_of(rows: QuerySet[Row], key: int) -> Row:
    """The row of this id. Raises Problem: what is not among them does not exist."""
    found = rows.filter(pk=key, pk__lt=2**63).first()
    if found is None:
        raise not_found()
    return found


PAGES = ("limit", "after")


def require_known(request: HttpRequest, *filters: str, pages: Collection[str] = PAGES) -> None:
    """A filter that does not exist is no reason to answer with everything. Raises InvalidParams."""
    unknown = [name for name in request.GET if name not in {*filters, *pages}]
    if unknown:
        error = {"code": "unknown_filter", "message": _("There is no such filter.")}
        raise InvalidParams({name: [error] for name in unknown})


def page_of(
    rows: QuerySet[Row], *, limit: int, after: int | None, descending: bool = False
) -> tuple[Sequence[Row], str | None]:
    """Returns the rows after an id, in the order of ids, and where the next page begins."""
    if after is not None:
        rows = rows.filter(pk__lt=after) if descending else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if descending else "pk")[: limit + 1])
    return found[:limit], str(found[limit - 1].pk) if len(found) > limit else None
