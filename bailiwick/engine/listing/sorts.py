"""What the list can be sorted by: each column's stored keys, and the id that breaks ties in the same index."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Sort(NamedTuple):
    """Expressions that are never null, the most important first.

    No index need hold all of it in one order. `zero` is the value that the index leaves out, so those rows are walked
    apart; a `flag` has no index (a change of it stays within its page), so its values are walked apart; `groups` are
    the few known names (of a partner, say) that lead the order: each group is walked by its own index. `scanned`: no
    index may hold it, because bulk actions write it on every row; the rows are read, but only their ids and keys.
    `blank`: the leading key of a row of which the reader may know the name only.
    """

    keys: tuple[Combinable, ...]
    id: str = "id"
    zero: int | str | None = None
    flag: bool = False
    groups: str = ""
    scanned: bool = False
    blank: Any = ""

    def keys_for(self, *, masked: bool) -> tuple[Combinable, ...]:
        """The keys, or such as tell nothing of rows that are seen by name only."""
        if not masked:
            return self.keys
        first = Case(When(partner_access=True, then=self.keys[0]), default=Value(self.blank))
        return (first, *self.keys[1:])

    @property
    def walked(self) -> tuple[Combinable, ...]:
        """The keys as a walk reads them: a group by its id, whose name the process knows."""
        return (F(f"{self.groups}_id"), *self.keys[1:]) if self.groups else self.keys


def _stored(column: str) -> Sort:
    return Sort((F(column),))


def _stat(column: str, *, zero: int | None = None) -> Sort:
    # The counters' indexes end in the counters' own key column: the tie must be broken on that very column.
    return Sort((F(f"stat__{column}"),), "stat__customer_id", zero, blank=0)


def _detail(column: str) -> Sort:
    return Sort((F(f"detail__{column}"),), "detail__customer_id")


def _word(column: str) -> Sort:
    return Sort((Lower(f"detail__{column}"),), "detail__customer_id")


def _flag(column: str) -> Sort:
    return Sort((F(column),), flag=True, blank=False)


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
    "created": Sort((F("created_at"),), blank=LONG_AGO),
    "modified": Sort((F("updated_at"),), scanned=True, blank=LONG_AGO),
    **{name: _word(name) for name in ("contact_name", "contact_email", "street", "city", "state")},
    **{
        name: _detail(name) for name in ("contact_phone", "contact_mobile", "postcode", "country", "timezone", "locale")
    },
}


def parse_sort(text: str) -> tuple[str, bool]:
    """Splits `-edges` into the column and "descending". Raises InvalidParams for a column that does not exist."""
    name, descending = text.removeprefix("-"), text.startswith("-")
    if name not in SORTS:
        raise InvalidParams.one("sort", "unknown_sort", _("The list cannot be sorted by this."))
    return name, descending


def as_key(value: Any) -> Any:
    """A sort key as JSON can carry it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
