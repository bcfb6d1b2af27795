"""A file of what the list shows: its filter or a selection, its visible columns, its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F

from bailiwick.access.scope import customers_for
from bailiwick.engine.exports.customer_table import customer_table
from bailiwick.engine.listing.filters import matching
from bailiwick.engine.listing.sorts import SORTS, parse_sort, word_of
from bailiwick.engine.selection import among, by_ticket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.exports.table import Table
    from bailiwick.models import Customer


def view_table(actor: Actor, raw: Mapping[str, Any], *, columns: Sequence[str], sort: str = "name") -> Table:
    """The customers that match the list's filter. Raises InvalidParams."""
    return customer_table(actor, _sorted(actor, matching(actor, raw), sort), columns)


def selection_table(actor: Actor, ticket: str, *, columns: Sequence[str], sort: str = "name", now: datetime) -> Table:
    """The customers of a frozen selection that are still there and still the actor's. Raises InvalidParams."""
    rows = among(customers_for(actor), by_ticket(actor, ticket, now))
    return customer_table(actor, _sorted(actor, rows, sort), columns)


def _sorted(actor: Actor, rows: QuerySet[Customer], sort: str) -> QuerySet[Customer]:
    name, descending = parse_sort(sort)
    order = SORTS[name]
    keys = (*order.told(word_of(actor, name)), F(order.id))
    return rows.order_by(*(key.desc() if descending else key.asc() for key in keys))  # type: ignore[attr-defined]
