"""The columns of a customers file: the headings of domain 13.2, which the import reads back without a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext as _

from bailiwick.access.scope import customers_for
from bailiwick.access.told import is_told, open_to
from bailiwick.engine.exports.table import Column, Kind, Table
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.filters import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer


class _Joined(Func):
    """A JSON list of texts as one text."""

    template = "(SELECT coalesce(string_agg(item, '|'), '') FROM jsonb_array_elements_text(%(expressions)s) AS item)"
    output_field = TextField()


class _Besides(Func):
    """What a customer may choose besides its default, each behind a bar (docs/adr/0026)."""

    template = """(SELECT coalesce(string_agg('|' || p.name, '' ORDER BY p.name_key), '')
FROM bailiwick_customerprofile b JOIN bailiwick_operatorprofile p ON p.id = b.operator_profile_id
JOIN bailiwick_customer own ON own.id = b.customer_id AND own.operator_profile_id <> p.id
WHERE b.customer_id = %(expressions)s)"""
    output_field = TextField()


COLUMNS: dict[str, Column] = {
    "name": Column("Customer", "name"),
    "account_number": Column("Account Number", "account_number"),
    "logical_id": Column("Logical ID", "logical_id", Kind.PLAIN),
    "partner": Column("Partner", Coalesce("partner__name", Value(""))),
    "domain": Column("Domain", "domain"),
    "description": Column("Description", "detail__description"),
    "contact_name": Column("Contact Name", "detail__contact_name"),
    "contact_email": Column("Contact Email", "detail__contact_email"),
    "contact_phone": Column("Contact Phone", "detail__contact_phone"),
    "contact_mobile": Column("Contact Mobile", "detail__contact_mobile"),
    "street": Column("Street", "detail__street"),
    "street_2": Column("Street 2", "detail__street_2"),
    "city": Column("City", "detail__city"),
    "state": Column("State", "detail__state"),
    "postcode": Column("Postcode", "detail__postcode"),
    "country": Column("Country", "detail__country"),
    "latitude": Column("Latitude", "detail__latitude", Kind.OPTIONAL),
    "longitude": Column("Longitude", "detail__longitude", Kind.OPTIONAL),
    "timezone": Column("Time Zone", "detail__timezone"),
    "locale": Column("Locale", "detail__locale"),
    "edges": Column("Edges", "stat__edges", Kind.PLAIN),
    "gateway_pool": Column("Gateway Pool", "gateway_pool__name"),
    "operator_profile": Column("Operator Profile", "operator_profile__name"),
    "assigned_operator_profiles": Column(
        "Assigned Operator Profiles", Concat("operator_profile__name", _Besides("id"), output_field=TextField())
    ),
    "edge_image_management": Column("Edge Image Management", "edge_image_management", Kind.OPTIONAL),
    "edge_authentication": Column("Edge Authentication", "edge_authentication", Kind.PLAIN),
    "alerts_enabled": Column("Customer Alerts", "alerts_enabled", Kind.OPTIONAL),
    "operator_alerts_enabled": Column("Operator Alerts", "operator_alerts_enabled", Kind.OPTIONAL),
    "bastion_state": Column("Bastion State", "bastion_state", Kind.PLAIN),
    "services": Column("Services", _Joined(F("detail__services"))),
    "created": Column("Created", "created_at", Kind.TIME),
    "modified": Column("Modified", "updated_at", Kind.TIME),
}
# What the list can show beyond the file of all customers; a file of the view has them where they are visible.
_STATES = [When(stat__status=number, then=Value(word)) for word, number in STATES.items()]
VIEW_COLUMNS: dict[str, Column] = COLUMNS | {
    "status": Column("State of Edges", Case(*_STATES, default=Value(""), output_field=TextField())),
    "edges_up": Column("Edges Up", "stat__edges_connected", Kind.PLAIN),
    "edges_degraded": Column("Edges Degraded", "stat__edges_degraded", Kind.PLAIN),
    "edges_down": Column("Edges Down", "stat__edges_down", Kind.PLAIN),
    "edges_unactivated": Column("Edges Not Activated", "stat__edges_unactivated", Kind.PLAIN),
    "edge_configuration_updates": Column(
        "Edge Configuration Updates", "detail__edge_configuration_updates", Kind.OPTIONAL
    ),
    "edge_configuration_updates_on_upgrade": Column(
        "Edge Configuration Updates On Upgrade", "detail__edge_configuration_updates_on_upgrade", Kind.OPTIONAL
    ),
}


def customer_table(
    actor: Actor, rows: QuerySet[Customer] | None = None, columns: Sequence[str] = tuple(COLUMNS)
) -> Table:
    """The table of these customers, or of all in the actor's portal. Raises InvalidParams for an unknown column."""
    unknown = [name for name in columns if name not in VIEW_COLUMNS]
    if unknown or not columns:
        raise InvalidParams.one("columns", "unknown_column", _("There is no such column."))
    chosen = [_seen(actor, name) for name in columns]
    return Table(customers_for(actor) if rows is None else rows, chosen)


def _seen(actor: Actor, name: str) -> Column:
    column = VIEW_COLUMNS[name]
    if is_told(actor, name):
        return column
    value: Combinable = F(column.value) if isinstance(column.value, str) else column.value
    nothing, field = (Value(""), TextField()) if column.kind is Kind.TEXT else (Value(None), None)
    kind = Kind.OPTIONAL if column.kind is Kind.PLAIN else column.kind
    shown = Case(When(open_to(actor), then=value), default=nothing, output_field=field)
    return column._replace(value=shown, kind=kind)
