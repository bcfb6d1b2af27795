"""What the list can be sorted by: each column's stored key, and the id that breaks ties in the same index."""

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
    """An expression that is never null. `zero`: the value that its index leaves out, so those rows are read apart.

    `blank`: where a row stands of which the reader may know only the name.
    """

    key: Combinable
    id: str = "id"
    zero: int | str | None = None
    blank: Any = ""

    def key_for(self, *, masked: bool) -> Combinable:
        """The key, or one that tells nothing of a row that is seen by name only."""
        if not masked or self.blank is None:
            return self.key
        return Case(When(partner_access=True, then=self.key), default=Value(self.blank))


def _stat(column: str, *, zero: int | None = None) -> Sort:
    # The counters' indexes end in the counters' own key column: the tie must be broken on that very column.
    return Sort(F(f"stat__{column}"), "stat__customer_id", zero, blank=0)


def _word(path: str) -> Sort:
    return Sort(Coalesce(Lower(path), Value("")))


SORTS: dict[str, Sort] = {
    "name": Sort(F("name_key"), blank=None),
    "account_number": Sort(F("account_key")),
    "domain": Sort(F("domain_key"), zero=""),
    "partner": Sort(Coalesce(F("partner__name_key"), Value(""))),
    "gateway_pool": Sort(F("gateway_pool__name_key")),
    "operator_profile": Sort(F("operator_profile__name_key")),
    "edges": _stat("edges"),
    "edges_up": _stat("edges_connected"),
    "edges_degraded": _stat("edges_degraded", zero=0),
    "edges_down": _stat("edges_down", zero=0),
    "edges_unactivated": _stat("edges_unactivated"),
    "status": _stat("status"),
    "edge_image_management": Sort(F("edge_image_management"), blank=False),
    "alerts_enabled": Sort(F("alerts_enabled"), blank=False),
    "operator_alerts_enabled": Sort(F("operator_alerts_enabled"), blank=False),
    "bastion_state": Sort(F("bastion_state")),
    "edge_authentication": Sort(F("edge_authentication")),
    "created": Sort(F("created_at"), blank=LONG_AGO),
    "modified": Sort(F("updated_at"), blank=LONG_AGO),
    **{
        name: _word(f"detail__{name}")
        for name in (
            "contact_name",
            "contact_email",
            "contact_phone",
            "contact_mobile",
            "street",
            "city",
            "state",
            "postcode",
            "country",
            "timezone",
            "locale",
        )
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
