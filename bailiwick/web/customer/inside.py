"""What every page inside a customer has: the right to open it, its name and flags, its tabs, the band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from bailiwick.access.opening import open_customer
from bailiwick.access.permissions import Permission
from bailiwick.actions import MENU
from bailiwick.web.bin import InTheBin, in_the_bin

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer
    from bailiwick.web.request import Request


def opened(request: Request, customer_id: int) -> Customer:
    """The customer. Raises Http404, InTheBin, or NotAllowed where it withdrew the access of the actor's side."""
    actor = request.actor
    actor.require(Permission.CUSTOMER_READ)
    try:
        return open_customer(actor, customer_id)
    except ObjectDoesNotExist:
        if found := in_the_bin(actor, customer_id):
            raise InTheBin(found) from None
        raise Http404 from None


def around(actor: Actor, customer: Customer, tab: str) -> dict[str, Any]:
    """The context of the frame inside a customer."""
    return {
        "customer": customer,
        "tabs": [
            {"name": name, "label": label, "url": reverse(name, args=[customer.pk]), "current": name == tab}
            for name, label, is_shown in _tabs(actor, customer)
            if is_shown
        ],
        "acts_inside": actor.level != "customer",
    }


def _tabs(actor: Actor, customer: Customer) -> tuple[tuple[str, str, bool], ...]:
    return (
        ("customer", _("Overview"), True),
        ("customer-edges", _("Edges"), True),
        ("customer-configuration", _("Configuration"), actor.may(Permission.CONFIGURATION_READ)),
        ("customer-settings", _("System settings"), "modify-customer" in MENU),
        ("customer-users", _("Administrators"), _shows_users(actor, customer)),
        ("customer-events", _("Events"), actor.may(Permission.EVENT_READ)),
    )


def _shows_users(actor: Actor, customer: Customer) -> bool:
    """Operators see users only of a customer that lets them manage users (domain 8.4)."""
    is_open = customer.operator_user_management if actor.is_operator else True
    return is_open and actor.may(Permission.CUSTOMER_USER_READ)
