"""Type-ahead: at most 20 rows that begin with, or else hold, what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Value, When

from bailiwick.access.scope import (
    edges_for,
    gateway_pools_for,
    open_customers_for,
    operator_profiles_for,
    partners_for,
)
from bailiwick.access.told import is_there, is_told, open_to
from bailiwick.engine.listing import filters
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

MOST = 20
LONGEST = 255
FEW = 3  # letters from which a substring is looked for among edges: the index of their names knows beginnings only

SOURCES: dict[str, Callable[[Actor], QuerySet[Any]]] = {
    "partners": partners_for,
    "gateway-pools": gateway_pools_for,
    "operator-profiles": operator_profiles_for,
    "templates": open_customers_for,
}


def lookup(actor: Actor, what: str, typed: str) -> list[tuple[int, str]]:
    """Ids and names of a small table's rows. Raises KeyError for a table that cannot be picked from."""
    key = name_key(typed[:LONGEST])
    rows = SOURCES[what](actor).order_by("name_key")
    beginning = list(rows.filter(name_key__startswith=key).values_list("id", "name")[:MOST])
    if len(beginning) == MOST or not key:
        return beginning
    inside = rows.filter(name_key__contains=key).exclude(name_key__startswith=key)
    return beginning + list(inside.values_list("id", "name")[: MOST - len(beginning)])


def find_customers(actor: Actor, typed: str, *, most: int = 8) -> list[tuple[int, str, str]]:
    """Customers whose search text holds it: id, name, and the account number where it may be known."""
    rows = filters.searched(actor, typed[:LONGEST]).order_by("name_key")
    account = F("account_number") if is_there(actor, "account_number") else Value("")
    told = account if is_told(actor, "account_number") else Case(When(open_to(actor), then=account), default=Value(""))
    return list(rows.annotate(account=told).values_list("id", "name", "account")[:most])


def find_edges(actor: Actor, typed: str, *, most: int = 8) -> list[tuple[int, str, str]]:
    """Edges whose name begins so: the customer's id, the edge's name, the customer's name."""
    key = name_key(typed[:LONGEST])
    if len(key) < FEW:
        return []
    rows = edges_for(actor).filter(name_key__startswith=key).order_by("name_key", "id")
    return list(rows.values_list("customer_id", "name", "customer__name")[:most])
