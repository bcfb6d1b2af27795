"""The row that an address names, among those of the actor's portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.http import Http404

if TYPE_CHECKING:
    from django.db.models import QuerySet

Row = TypeVar("Row", bound=Model)


def one_of(rows: QuerySet[Row], pk: int) -> Row:
    """Raises Http404, also for a number that no row can have."""
    try:
        return rows.get(pk=pk)
    except (ObjectDoesNotExist, OverflowError):
        raise Http404 from None
