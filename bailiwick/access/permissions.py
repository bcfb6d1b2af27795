"""What a role may do: the one table from which checks, menus and the role matrix page are made (domain 1.6)."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """`<resource>.<verb>`, in alphabetical order."""

    CUSTOMER_ALERTS = "customer.alerts"
    CUSTOMER_CREATE = "customer.create"
    CUSTOMER_DELETE = "customer.delete"
    CUSTOMER_EXPORT = "customer.export"
    CUSTOMER_READ = "customer.read"
    CUSTOMER_RESTORE = "customer.restore"
    CUSTOMER_UPDATE = "customer.update"
    CUSTOMER_UPDATE_CONTACT = "customer.update-contact"
    CUSTOMER_UPDATE_DELEGATION = "customer.update-delegation"
    EDGE_EXPORT = "edge.export"
    EVENT_READ = "event.read"
    MAILBOX_READ = "mailbox.read"
    OPERATOR_ALERTS = "operator-alerts.update"
    PARTNER_READ = "partner.read"
    PROPERTY_READ = "system-property.read"
    PROPERTY_UPDATE = "system-property.update"
    PROPERTY_UPDATE_RESTRICTED = "system-property.update-restricted"
    ROLE_READ = "role.read"
    TOKEN_OWN = "token.own"  # noqa: S105 -- a permission's name
    USER_CREATE = "operator-user.create"
    USER_READ = "operator-user.read"
    USER_UPDATE = "operator-user.update"


P = Permission

_READERS = {P.CUSTOMER_READ, P.CUSTOMER_EXPORT, P.EDGE_EXPORT, P.EVENT_READ, P.TOKEN_OWN}
_OPERATOR_READERS = _READERS | {P.PARTNER_READ, P.ROLE_READ}
_ADMIN = {
    P.CUSTOMER_ALERTS,
    P.CUSTOMER_CREATE,
    P.CUSTOMER_UPDATE,
    P.CUSTOMER_UPDATE_CONTACT,
    P.CUSTOMER_UPDATE_DELEGATION,
}

ROLES: dict[str, dict[str, frozenset[Permission]]] = {
    "operator": {
        "superuser": frozenset(P),
        "standard": frozenset(
            _OPERATOR_READERS
            | _ADMIN
            | {
                P.CUSTOMER_DELETE,
                P.CUSTOMER_RESTORE,
                P.OPERATOR_ALERTS,
                P.PROPERTY_READ,
                P.PROPERTY_UPDATE,
                P.USER_READ,
            }
        ),
        "business": frozenset(_OPERATOR_READERS | {P.CUSTOMER_UPDATE_CONTACT}),
        "support": frozenset(_OPERATOR_READERS),
    },
    "partner": {
        "partner-superuser": frozenset(_READERS | _ADMIN | {P.CUSTOMER_DELETE, P.CUSTOMER_RESTORE}),
        "partner-standard": frozenset(_READERS | _ADMIN),
    },
    "customer": {
        "customer-superuser": frozenset(
            {P.CUSTOMER_READ, P.CUSTOMER_UPDATE_CONTACT, P.CUSTOMER_UPDATE_DELEGATION, P.EVENT_READ, P.TOKEN_OWN}
        ),
    },
}

ROLE_LABELS = {
    "superuser": _("Superuser"),
    "standard": _("Standard Admin"),
    "business": _("Business Specialist"),
    "support": _("Customer Support"),
    "partner-superuser": _("Partner Superuser"),
    "partner-standard": _("Partner Standard Admin"),
    "customer-superuser": _("Customer Superuser"),
}


def permissions_of(level: str, role: str) -> frozenset[Permission]:
    """Returns what the role may do; an unknown role may do nothing."""
    return ROLES.get(level, {}).get(role, frozenset())
