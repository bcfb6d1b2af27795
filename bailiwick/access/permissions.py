"""What a role may do: the one table from which checks, menus and the role matrix page are made (domain 1.6)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable


class Permission(StrEnum):
    """`<resource>.<verb>`, in alphabetical order."""

    CONFIGURATION_OPERATE = "configuration.operate"
    CONFIGURATION_READ = "configuration.read"
    CONFIGURATION_UPDATE = "configuration.update"
    CUSTOMER_ACCEPT = "customer.accept"
    CUSTOMER_ALERTS = "customer.alerts"
    CUSTOMER_CLONE = "customer.clone"
    CUSTOMER_CREATE = "customer.create"
    CUSTOMER_DELETE = "customer.delete"
    CUSTOMER_EXPORT = "customer.export"
    CUSTOMER_READ = "customer.read"
    CUSTOMER_RESTORE = "customer.restore"
    CUSTOMER_SUPPORT = "customer.support-email"
    CUSTOMER_TRANSFER = "customer.transfer"
    CUSTOMER_UPDATE = "customer.update"
    CUSTOMER_UPDATE_CONTACT = "customer.update-contact"
    CUSTOMER_UPDATE_DELEGATION = "customer.update-delegation"
    CUSTOMER_ROLE = "customer-role.manage"
    CUSTOMER_SIGN_ON = "customer-sign-on.manage"
    CUSTOMER_TOKEN = "customer-token.manage"  # noqa: S105 -- a permission's name
    CUSTOMER_USER_CREATE = "customer-user.create"
    CUSTOMER_USER_DELETE = "customer-user.delete"
    CUSTOMER_USER_READ = "customer-user.read"
    CUSTOMER_USER_UPDATE = "customer-user.update"
    EDGE_CREATE = "edge.create"
    EDGE_DELETE = "edge.delete"
    EDGE_DIAGNOSE = "edge.diagnose"
    EDGE_EXPORT = "edge.export"
    EDGE_UPDATE = "edge.update"
    EVENT_READ = "event.read"
    GATEWAY_MANAGE = "gateway.manage"
    GATEWAY_QUIESCE = "gateway.quiesce"
    GATEWAY_READ = "gateway.read"
    LICENCE_ASSIGN = "licence.assign"
    LICENCE_MANAGE = "licence.manage"
    LICENCE_READ = "licence.read"
    MAILBOX_READ = "mailbox.read"
    OPERATOR_ALERTS = "operator-alerts.update"
    OPERATOR_PROFILE_ASSIGN = "operator-profile.assign"
    OPERATOR_PROFILE_MANAGE = "operator-profile.manage"
    OPERATOR_PROFILE_READ = "operator-profile.read"
    OPERATOR_ROLE = "operator-role.manage"
    OPERATOR_SIGN_ON = "operator-sign-on.manage"
    OPERATOR_TOKEN = "operator-token.manage"  # noqa: S105 -- a permission's name
    OPERATOR_USER_CREATE = "operator-user.create"
    OPERATOR_USER_DELETE = "operator-user.delete"
    OPERATOR_USER_READ = "operator-user.read"
    OPERATOR_USER_UPDATE = "operator-user.update"
    PARTNER_CREATE = "partner.create"
    PARTNER_DELETE = "partner.delete"
    PARTNER_OWN = "partner.own"
    PARTNER_READ = "partner.read"
    PARTNER_ROLE = "partner-role.manage"
    PARTNER_SIGN_ON = "partner-sign-on.manage"
    PARTNER_TOKEN = "partner-token.manage"  # noqa: S105 -- a permission's name
    PARTNER_UPDATE = "partner.update"
    PARTNER_UPDATE_DELEGATION = "partner.update-delegation"
    PARTNER_USER_CREATE = "partner-user.create"
    PARTNER_USER_DELETE = "partner-user.delete"
    PARTNER_USER_READ = "partner-user.read"
    PARTNER_USER_UPDATE = "partner-user.update"
    PROPERTY_READ = "system-property.read"
    PROPERTY_UPDATE = "system-property.update"
    PROPERTY_UPDATE_RESTRICTED = "system-property.update-restricted"
    ROLE_READ = "role.read"
    SOFTWARE_IMAGE_MANAGE = "software-image.manage"
    TENANCY_TEST = "tenancy.test"
    TOKEN_OWN = "token.own"  # noqa: S105 -- a permission's name


P = Permission

_READERS = {P.CONFIGURATION_READ, P.CUSTOMER_READ, P.CUSTOMER_EXPORT, P.EDGE_EXPORT, P.EVENT_READ, P.TOKEN_OWN}
_OPERATOR_READERS = _READERS | {
    P.GATEWAY_READ,
    P.LICENCE_READ,
    P.CUSTOMER_SUPPORT,
    P.OPERATOR_PROFILE_READ,
    P.PARTNER_READ,
    P.ROLE_READ,
}
_PARTNER_READERS = _READERS | {P.LICENCE_READ, P.CUSTOMER_SUPPORT, P.PARTNER_OWN}
# Business specialists and IT support of a partner have nothing to do with pools (domain 12.2).
_PARTNER_GATEWAYS = {P.GATEWAY_READ, P.GATEWAY_MANAGE}
_CUSTOMER_READERS = {P.CONFIGURATION_READ, P.CUSTOMER_READ, P.EVENT_READ}
_EDGES = {P.EDGE_CREATE, P.EDGE_DELETE, P.EDGE_DIAGNOSE, P.EDGE_UPDATE}
_ADMIN = _EDGES | {
    P.CONFIGURATION_UPDATE,
    P.LICENCE_ASSIGN,
    P.CUSTOMER_ALERTS,
    P.CUSTOMER_CREATE,
    P.CUSTOMER_UPDATE,
    P.CUSTOMER_UPDATE_CONTACT,
    P.CUSTOMER_UPDATE_DELEGATION,
}

_CUSTOMER_USERS = {P.CUSTOMER_USER_CREATE, P.CUSTOMER_USER_DELETE, P.CUSTOMER_USER_READ, P.CUSTOMER_USER_UPDATE}
_CUSTOMER_PEOPLE = _CUSTOMER_USERS | {P.CUSTOMER_ROLE, P.CUSTOMER_SIGN_ON, P.CUSTOMER_TOKEN, P.ROLE_READ}
_PARTNER_USERS = {P.PARTNER_USER_CREATE, P.PARTNER_USER_DELETE, P.PARTNER_USER_READ, P.PARTNER_USER_UPDATE}
_PARTNER_PEOPLE = _CUSTOMER_PEOPLE | _PARTNER_USERS | {P.PARTNER_ROLE, P.PARTNER_SIGN_ON, P.PARTNER_TOKEN}

# What only the staff of partners can use; operators lack it and may give it nevertheless.
PARTNERS_ALONE = frozenset({P.CUSTOMER_ACCEPT, P.PARTNER_OWN})
# What operators may give to users of partners and customers, whether or not their own role has it.
GIVEN_BELOW = PARTNERS_ALONE | {P.CUSTOMER_CLONE, P.OPERATOR_PROFILE_ASSIGN}

# Composite roles, which users have, made of the functional ones above; the first of a level is its superuser.
ROLES: dict[str, dict[str, frozenset[Permission]]] = {
    "operator": {
        "superuser": frozenset(P) - PARTNERS_ALONE,
        "standard": frozenset(
            _OPERATOR_READERS
            | _ADMIN
            | _PARTNER_PEOPLE
            | {
                P.CONFIGURATION_OPERATE,
                P.CUSTOMER_DELETE,
                P.CUSTOMER_RESTORE,
                P.CUSTOMER_TRANSFER,
                P.GATEWAY_MANAGE,
                P.LICENCE_MANAGE,
                P.OPERATOR_ALERTS,
                P.OPERATOR_PROFILE_MANAGE,
                P.PARTNER_CREATE,
                P.PARTNER_DELETE,
                P.PARTNER_UPDATE,
                P.PARTNER_UPDATE_DELEGATION,
                P.OPERATOR_USER_READ,
                P.PROPERTY_READ,
                P.PROPERTY_UPDATE,
                P.SOFTWARE_IMAGE_MANAGE,
            }
        ),
        "business": frozenset(_OPERATOR_READERS | {P.CUSTOMER_UPDATE_CONTACT, P.PARTNER_CREATE}),
        "support": frozenset(_OPERATOR_READERS | {P.EDGE_DIAGNOSE}),
    },
    "partner": {
        "partner-superuser": frozenset(
            _PARTNER_READERS
            | _ADMIN
            | _PARTNER_PEOPLE
            | {P.CUSTOMER_ACCEPT, P.CUSTOMER_CLONE, P.CUSTOMER_DELETE, P.CUSTOMER_RESTORE, P.OPERATOR_PROFILE_ASSIGN}
            | {P.PARTNER_UPDATE_DELEGATION}
            | _PARTNER_GATEWAYS
        ),
        "partner-standard": frozenset(
            _PARTNER_READERS | _ADMIN | _PARTNER_GATEWAYS | {P.OPERATOR_PROFILE_ASSIGN, P.PARTNER_USER_READ}
        ),
        "partner-business": frozenset(_PARTNER_READERS | {P.CUSTOMER_UPDATE_CONTACT}),
        "partner-support": frozenset(_PARTNER_READERS | {P.EDGE_DIAGNOSE}),
    },
    "customer": {
        "customer-superuser": frozenset(
            _CUSTOMER_PEOPLE
            | _CUSTOMER_READERS
            | _EDGES
            | {P.CONFIGURATION_UPDATE, P.CUSTOMER_UPDATE_CONTACT, P.CUSTOMER_UPDATE_DELEGATION, P.TOKEN_OWN}
        ),
        "customer-standard": frozenset(
            _CUSTOMER_READERS
            | _EDGES
            | {P.CONFIGURATION_UPDATE, P.CUSTOMER_UPDATE_CONTACT, P.CUSTOMER_USER_READ, P.TOKEN_OWN}
        ),
        "customer-support": frozenset(_CUSTOMER_READERS | {P.EDGE_DIAGNOSE, P.TOKEN_OWN}),
        "customer-readonly": frozenset(_CUSTOMER_READERS),
    },
}

ROLE_LABELS = {
    "superuser": _("Superuser"),
    "standard": _("Standard Admin"),
    "business": _("Business Specialist"),
    "support": _("Customer Support"),
    "partner-superuser": _("Partner Superuser"),
    "partner-standard": _("Partner Standard Admin"),
    "partner-business": _("Partner Business Specialist"),
    "partner-support": _("Partner Customer Support"),
    "customer-superuser": _("Customer Superuser"),
    "customer-standard": _("Customer Standard Admin"),
    "customer-support": _("Customer Support Staff"),
    "customer-readonly": _("Customer Read-only"),
}
CUSTOM = "custom"
SUPERUSER = {level: next(iter(roles)) for level, roles in ROLES.items()}

# A custom role has these exactly where the role it is made from has them (domain 16.1).
FIXED = frozenset(
    {P.CUSTOMER_CREATE, P.CUSTOMER_DELETE, P.CUSTOMER_READ, P.PROPERTY_UPDATE_RESTRICTED}
    # Who reads others' letters follows their links: what lets people in is a superuser's.
    | {P.MAILBOX_READ}
    | {each for each in P if each.startswith(("operator-user.", "partner.")) and each != P.OPERATOR_USER_READ}
)


def permissions_of(level: str, role: str) -> frozenset[Permission]:
    """Returns what the role may do; an unknown role may do nothing."""
    return ROLES.get(level, {}).get(role, frozenset())


def custom_permissions(level: str, names: Iterable[str]) -> frozenset[Permission]:
    """What a custom role may do: never more than the superuser of its level, whatever its row says."""
    return ROLES[level][SUPERUSER[level]].intersection(names)
