"""The columns of the partners list, made of the cells of the customers list; and what stands of them in the file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bailiwick.engine.listing.partners import OWN_WORDS
from bailiwick.web.customers import cells
from bailiwick.web.customers.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.partners import PartnerRow
    from bailiwick.web.customers.cells import Cell, Maker


def _of_partner(make: Maker) -> Maker:
    """A cell of the customers list, about a partner; of one that is closed to the reader nothing of its own words."""

    def made(names: Names) -> Cell:
        cell = make(names)
        return lambda row: cell(row.partner)  # type: ignore[attr-defined]

    return made


def _text(name: str, label: Any, *, shown: bool = False, make: Maker | None = None) -> Column:
    return Column(name, label, _of_partner(make or cells.plain(name)), shown=shown)


def _name(_names: Names) -> Cell:
    why = escape(gettext("It has withdrawn operator access"))

    def cell(row: Any) -> str:
        known = escape(row.name)
        if row.is_closed:
            return f'<bdi>{known}</bdi> <span class="lock" role="img" aria-label="{why}" title="{why}"></span>'
        return f'<a href="{reverse("partner", args=[row.id])}" title="{known}"><bdi>{known}</bdi></a>'

    return cell


def _customers(_names: Names) -> Cell:
    words, path = escape(gettext("customers of %(name)s")), reverse("customers")

    def cell(row: Any) -> str:
        said = words.replace("%(name)s", escape(row.name))
        return f'<a href="{path}?partner={row.id}">{row.customers:,}<span class="visually-hidden"> {said}</span></a>'

    return cell


def _several(field: str) -> Maker:
    return lambda _names: lambda row: cells.words(", ".join(getattr(row, field)))


COLUMNS = (
    Column("name", _("Partner"), _name, shown=True),
    _text("domain", _("Domain"), shown=True),
    Column("customers", _("Customers"), _customers, shown=True, number=True),
    _text("operator_access", _("Operator access"), shown=True, make=cells.flag("operator_access")),
    _text("operate_gateways", _("Manages gateways"), shown=True, make=cells.flag("operate_gateways")),
    _text("edge_image_management", _("Image management"), make=cells.flag("edge_image_management")),
    Column("gateway_pools", _("Gateway pools"), _several("pools"), cold=True),
    Column("operator_profiles", _("Operator profiles"), _several("profiles"), cold=True),
    _text("contact_name", _("Contact")),
    _text("contact_email", _("Contact e-mail")),
    _text("contact_phone", _("Contact phone")),
    _text("contact_mobile", _("Contact mobile")),
    _text("street", _("Street")),
    _text("city", _("City"), shown=True),
    _text("state", _("State or province")),
    _text("postcode", _("Postcode")),
    _text("country", _("Country"), shown=True),
    _text("description", _("Description"), make=cells.long("description")),
    _text("logical_id", _("Logical id")),
    _text("created", _("Created"), shown=True, make=cells.moment("created_at")),
)
BY_NAME = {column.name: column for column in COLUMNS}
UNSORTED = frozenset({"gateway_pools", "operator_profiles"})
IN_FILE: dict[str, Callable[[PartnerRow], object]] = {
    "customers": lambda row: row.customers,
    "operator_access": lambda row: _switch(is_on=row.partner.operator_access),
    "operate_gateways": lambda row: _switch(is_on=row.partner.operate_gateways),
    "edge_image_management": lambda row: _switch(is_on=row.partner.edge_image_management),
    "gateway_pools": lambda row: ", ".join(row.pools),
    "operator_profiles": lambda row: ", ".join(row.profiles),
    "created": lambda row: f"{row.partner.created_at:%Y-%m-%dT%H:%M:%SZ}",
}


def is_told(column: Column, row: PartnerRow) -> bool:
    """Whether the reader may know it of this partner."""
    return not row.is_closed or column.name not in OWN_WORDS


def in_file(column: Column, row: PartnerRow) -> object:
    """The value as it stands in the file."""
    if not is_told(column, row):
        return ""
    made = IN_FILE.get(column.name)
    return made(row) if made else str(getattr(row.partner, column.name))


def _switch(*, is_on: bool) -> str:
    return "true" if is_on else "false"
