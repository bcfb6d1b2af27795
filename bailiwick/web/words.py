"""How columns and their values read on a page: one vocabulary for previews, jobs and histories."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bailiwick.engine.listing.names import Names

    Naming = Callable[[], Names]

COLUMNS = {
    "account_number": gettext_lazy("Account number"),
    "activation_state": gettext_lazy("Activation"),
    "alerts_enabled": gettext_lazy("Customer alerts"),
    "assigned_profile_id": gettext_lazy("Operator profile to choose"),
    "bastion_state": gettext_lazy("Bastion"),
    "default_pool": gettext_lazy("Default gateway pool"),
    "default_profile": gettext_lazy("Default operator profile"),
    "deleted_at": gettext_lazy("Deleted"),
    "edge_authentication": gettext_lazy("Edge authentication"),
    "edge_image_management": gettext_lazy("Manages its own software"),
    "gateway_pool_id": gettext_lazy("Gateway pool"),
    "locale": gettext_lazy("Language"),
    "operate_gateways": gettext_lazy("Manages gateways"),
    "operator_access": gettext_lazy("Operator support access"),
    "operator_alerts_enabled": gettext_lazy("Pre-notifications"),
    "operator_profile_id": gettext_lazy("Operator profile"),
    "operator_sees_sensitive_data": gettext_lazy("Operator sees sensitive data"),
    "operator_user_management": gettext_lazy("User management by the operator"),
    "partner_access": gettext_lazy("Partner support access"),
    "partner_id": gettext_lazy("Partner"),
    "partner_sees_sensitive_data": gettext_lazy("Partner sees sensitive data"),
    "pci_compliance": gettext_lazy("PCI compliance"),
    "serial_number": gettext_lazy("Serial number"),
    "timezone": gettext_lazy("Time zone"),
}
STATES = {
    "queued": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
}
DOORS = {
    "web": gettext_lazy("Page"),
    "api": gettext_lazy("API"),
    "shell": gettext_lazy("Shell"),
    "worker": gettext_lazy("Worker"),
    "device": gettext_lazy("Device"),
}
NAMED = {
    "partner_id": "partners",
    "gateway_pool_id": "pools",
    "operator_profile_id": "profiles",
    "assigned_profile_id": "profiles",
}
EMPTY = "–"
# Keys that follow from another column: a person sees that one.
DERIVED = frozenset({"name_key", "account_key", "domain_key"})


class Difference(NamedTuple):
    """One column, before and after, as a person reads it."""

    label: str
    before: str
    after: str


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, names: Naming) -> list[Difference]:
    """The columns that differ, in alphabetical order; ids read as the names that this reader may know."""
    old, new = before or {}, after or {}
    return [
        Difference(label(column), called(column, old.get(column), names), called(column, new.get(column), names))
        for column in sorted((old.keys() | new.keys()) - DERIVED)
        if old.get(column) != new.get(column)
    ]


def called(column: str, found: object, names: Naming) -> str:
    """The value in words, with the name of a partner, pool or profile instead of its id."""
    if not isinstance(found, int) or column not in NAMED:
        return value(column, found)
    known: dict[int, str] = getattr(names(), NAMED[column])
    return known.get(found, _("another"))


def label(name: str) -> str:
    """The column's name in words."""
    known = COLUMNS.get(name)
    return str(known) if known else name.removesuffix("_id").replace("_", " ").capitalize()


def value(name: str, found: object) -> str:
    """The value in words; a moment is shown in UTC."""
    if isinstance(found, bool):
        return _("on") if found else _("off")
    if found is None or found in ("", [], {}):
        return EMPTY
    if name.endswith("_at"):
        return moment(found)
    if isinstance(found, list):
        return ", ".join(str(item) for item in found)
    return str(found)


def moment(found: object) -> str:
    """A point in time as text, in UTC."""
    at = found if isinstance(found, datetime) else _parsed(str(found))
    return f"{date_format(at, 'j M Y H:i')} UTC" if at and is_aware(at) else str(found)


def _parsed(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
