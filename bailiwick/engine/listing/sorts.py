"""What the list can be sorted by: each column's stored keys, and the id that breaks ties in the same index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from bailiwick.access.told import ACCESS, is_told
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models.order import Beginning, Degrees, Written

if TYPE_CHECKING:
    from django.db.models import Func
    from django.db.models.expressions import Combinable

    from bailiwick.access.actor import Actor


class Sort(NamedTuple):
    """Expressions that are never null, the most important first.

    No index need hold all of it in one order. `zero` is the value that the index leaves out, so those rows are walked
    apart; a `flag` has no index (a change of it stays within its page), so its values are walked apart; `groups` are
    the few known names (of a partner, say) that lead the order: each group is walked by its own index.
    """

    keys: tuple[Combinable, ...]
    id: str = "id"
    zero: int | str | None = None
    flag: bool = False
    groups: str = ""

    def told(self, word: str) -> tuple[Combinable, ...]:
        """Whether a row is open by that word of its customer, and keys that tell nothing of rows that are not."""
        return (F(word), *(Case(When(**{word: True}, then=key)) for key in self.keys)) if word else self.keys

    @property
    def walked(self) -> tuple[Combinable, ...]:
        """The keys as a walk reads them: a group by its id, whose name the process knows."""
        return (F(f"{self.groups}_id"), *self.keys[1:]) if self.groups else self.keys


def _stored(column: str) -> Sort:
    return Sort((F(column),))


def _stat(column: str, *, zero: int | None = None) -> Sort:
    # The counters' indexes end in the counters' own key column: the tie must be broken on that very column.
    return Sort((F(f"stat__{column}"),), "stat__customer_id", zero)


def _detail(column: str) -> Sort:
    return Sort((F(f"detail__{column}"),), "detail__customer_id")


def _made(make: type[Func], column: str) -> Sort:
    return Sort((make(f"detail__{column}"),), "detail__customer_id")


def _flag(column: str) -> Sort:
    return Sort((F(column),), flag=True)


def _group(column: str) -> Sort:
    return Sort((Coalesce(F(f"{column}__name_key"), Value("")), F("name_key")), groups=column)


SORTS: dict[str, Sort] = {
    "name": _stored("name_key"),
    "account_number": _stored("account_key"),
    "domain": Sort((F("domain_key"),), zero=""),
    "partner": _group("partner"),
    "gateway_pool": _group("gateway_pool"),
    "operator_profile": _group("operator_profile"),
    "edges": _stat("edges"),
    "edges_up": _stat("edges_connected"),
    "edges_degraded": _stat("edges_degraded", zero=0),
    "edges_down": _stat("edges_down", zero=0),
    "edges_unactivated": _stat("edges_unactivated", zero=0),
    "status": _stat("status"),
    "edge_image_management": _flag("edge_image_management"),
    "alerts_enabled": _flag("alerts_enabled"),
    "operator_alerts_enabled": _flag("operator_alerts_enabled"),
    "bastion_state": _stored("bastion_state"),
    "edge_authentication": _stored("edge_authentication"),
    "created": _stored("created_at"),
    "modified": _stat("modified_at"),
    **{name: _made(Lower, name) for name in ("contact_name", "contact_email", "street", "city", "state")},
    **{
        name: _detail(name)
        for name in (
            *("contact_phone", "contact_mobile", "postcode", "country", "timezone", "locale"),
            *("edge_configuration_updates", "edge_configuration_updates_on_upgrade"),
        )
    },
    "latitude": _made(Degrees, "latitude"),
    "longitude": _made(Degrees, "longitude"),
    "description": _made(Beginning, "description"),
    "services": _made(Written, "services"),
    "logical_id": _stored("logical_id"),
}
# What a record over REST calls the same.
ALSO = {
    "created_at": "created",
    "updated_at": "modified",
    "edges_connected": "edges_up",
    **{f"{name}_id": name for name in ("partner", "gateway_pool", "operator_profile")},
}


def word_of(actor: Actor, column: str) -> str:
    """The word of a customer that decides whether the actor may know where it stands in this order; none for most."""
    return "" if is_told(actor, column) else ACCESS[actor.level]


def parse_sort(text: str) -> tuple[str, bool]:
    """Splits `-edges` into the column and "descending". Raises InvalidParams for a column that does not exist."""
    name, descending = text.removeprefix("-"), text.startswith("-")
    name = ALSO.get(name, name)
    if name not in SORTS:
        message = _("The list cannot be sorted by this. Give one of: %(columns)s.") % {"columns": ", ".join(SORTS)}
        raise InvalidParams.one("sort", "unknown_sort", message)
    return name, descending


def as_key(value: Any) -> Any:
    """A sort key as JSON can carry it."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
