"""The columns of the list (domain 1.2): what each is called and shown as; which ones a user sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from bailiwick.access.properties import value_for
from bailiwick.access.told import is_there
from bailiwick.web.customers import cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.web.customers.cells import Maker

BASTION = "session.options.enableBastionOrchestrator"


class Column(NamedTuple):
    """`cold`: read only where the column is shown."""

    name: str
    label: Any
    cell_for: Maker
    shown: bool = False
    cold: bool = False
    number: bool = False


def _cold(name: str, label: Any, make: Maker | None = None) -> Column:
    return Column(name, label, make or cells.plain(name), cold=True)


def _flag(name: str, label: Any) -> Column:
    return Column(name, label, cells.flag(name), shown=True)


def _count(name: str, field: str, label: Any) -> Column:
    return Column(name, label, cells.number(field), number=True)


COLUMNS = (
    Column("name", _("Customer"), cells.name, shown=True),
    Column("account_number", _("Account"), cells.plain("account_number"), shown=True),
    Column("partner", _("Partner"), cells.partner, shown=True),
    Column("status", _("State"), cells.status, shown=True),
    Column("edges", _("Edges"), cells.edges, shown=True, number=True),
    _count("edges_up", "edges_connected", _("Edges up")),
    _count("edges_degraded", "edges_degraded", _("Edges degraded")),
    _count("edges_down", "edges_down", _("Edges down")),
    _count("edges_unactivated", "edges_unactivated", _("Edges not activated")),
    _cold("services", _("Services"), cells.services),
    Column(
        "gateway_pool",
        _("Gateway pool"),
        cells.pool,
        shown=True,
    ),
    Column(
        "operator_profile",
        _("Operator profile"),
        cells.profile,
        shown=True,
    ),
    _flag("edge_image_management", _("Image management")),
    _flag("alerts_enabled", _("Alerts")),
    _flag("operator_alerts_enabled", _("Pre-notifications")),
    Column("bastion_state", _("Bastion"), cells.choice("bastion_state", cells.BASTION), shown=True),
    Column(
        "edge_authentication",
        _("Edge authentication"),
        cells.choice("edge_authentication", cells.AUTHENTICATION),
    ),
    Column("domain", _("Domain"), cells.plain("domain")),
    _cold("contact_name", _("Contact")),
    _cold("contact_email", _("Contact e-mail")),
    _cold("contact_phone", _("Contact phone")),
    _cold("contact_mobile", _("Contact mobile")),
    _cold("street", _("Street")),
    _cold("city", _("City")),
    _cold("state", _("State or province")),
    _cold("postcode", _("Postcode")),
    _cold("country", _("Country")),
    _cold("latitude", _("Latitude")),
    _cold("longitude", _("Longitude")),
    _cold("timezone", _("Time zone")),
    _cold("locale", _("Language")),
    _cold("description", _("Description"), cells.long("description")),
    _cold(
        "edge_configuration_updates",
        _("Edge configuration updates"),
        cells.flag("edge_configuration_updates"),
    ),
    _cold(
        "edge_configuration_updates_on_upgrade",
        _("Edge configuration updates on upgrade"),
        cells.flag("edge_configuration_updates_on_upgrade"),
    ),
    Column("logical_id", _("Logical id"), cells.plain("logical_id")),
    Column("created", _("Created"), cells.moment("created_at"), shown=True),
    Column("modified", _("Modified"), cells.moment("updated_at")),
)


BY_NAME = {column.name: column for column in COLUMNS}


def columns_for(actor: Actor) -> Sequence[Column]:
    """The columns there are for this actor."""
    hidden = set() if value_for(actor, BASTION) else {"bastion_state"}  # LST-04
    return [column for column in COLUMNS if column.name not in hidden and is_there(actor, column.name)]


def chosen_columns(there: Sequence[Column], chosen: object) -> list[Column]:
    """Those of a user's choice that exist, in his order, the name always; without a choice the usual ones."""
    by_name = {column.name: column for column in there}
    names = [name for name in chosen if isinstance(name, str)] if isinstance(chosen, list) else []
    picked = [by_name[name] for name in dict.fromkeys(names) if name in by_name and name != "name"]
    return [by_name["name"], *picked] if picked else [column for column in there if column.shown]
