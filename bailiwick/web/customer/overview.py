"""The first tab of a customer: its facts, its edges in numbers, what happened last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.access.factor import duty
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import value_for
from bailiwick.actions import MENU
from bailiwick.engine import licences
from bailiwick.engine.forms.customer_form import SERVICES
from bailiwick.engine.forms.fields import DomainField, EmailField
from bailiwick.engine.forms.places import country_name
from bailiwick.engine.profiles import to_choose
from bailiwick.web.customer.history import history
from bailiwick.web.customer.inside import around, opened

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer
    from bailiwick.web.request import Request

LAST = 10
TAKING, LICENSING = "unassign-operator-profile", "update-edge-licences"


@require_safe
def overview(request: Request, customer_id: int) -> HttpResponse:
    """Shows the page."""
    actor = request.actor
    customer = opened(request, customer_id)
    sees_events = actor.may(Permission.EVENT_READ)
    context = {
        **around(actor, customer, "customer"),
        "is_invited": duty.is_invited(request.user, customer),
        "facts": _facts(actor, customer),
        "contact": _contact(customer),
        "edges": _edges(customer),
        "software": to_choose(customer) if customer.edge_image_management else [],
        "may_unassign": actor.may(MENU[TAKING].permission),
        "taking": TAKING,
        "licensed": value_for(actor, "session.options.enableEdgeLicensing"),
        "licences": licences.of_customer(customer),
        "licensing": LICENSING if actor.may(MENU[LICENSING].permission) else "",
        "history": history(actor, customer.pk, limit=LAST)[0] if sees_events else [],
    }
    return render(request, "customer/overview.html", context)


def _facts(actor: Actor, customer: Customer) -> list[tuple[str, object]]:
    """Label and value; a customer's own users do not see the account number (MOD-03)."""
    image = customer.operator_profile.image
    return [
        *([(_("Account number"), customer.account_number)] if actor.level != "customer" else []),
        (_("Domain"), DomainField().prepare_value(customer.domain)),
        (_("Logical id"), customer.logical_id),
        (_("Partner"), customer.partner or _("none: a direct customer")),
        (_("Gateway pool"), customer.gateway_pool),
        (_("Operator profile"), customer.operator_profile),
        (_("Software image"), image or ""),
        (_("Services"), ", ".join(str(SERVICES.get(code, code)) for code in customer.detail.services)),
        (_("Edge authentication"), customer.get_edge_authentication_display()),
        (_("Time zone"), customer.detail.timezone),
        (_("Language"), customer.detail.locale),
    ]


def _contact(customer: Customer) -> list[tuple[str, object]]:
    detail = customer.detail
    return [
        (_("Name"), detail.contact_name),
        (_("E-mail"), EmailField().prepare_value(detail.contact_email)),
        (_("Phone"), detail.contact_phone),
        (_("Mobile"), detail.contact_mobile),
        (_("Street"), ", ".join(part for part in (detail.street, detail.street_2) if part)),
        (_("City"), " ".join(part for part in (detail.postcode, detail.city, detail.state) if part)),
        (_("Country"), country_name(detail.country)),
    ]


def _edges(customer: Customer) -> list[tuple[str, str, int]]:
    """State for the style sheet, label, number."""
    stat = customer.stat
    return [
        ("up", _("connected"), stat.edges_connected),
        ("degraded", _("degraded"), stat.edges_degraded),
        ("down", _("offline"), stat.edges_down),
        ("idle", _("not activated"), stat.edges_unactivated),
    ]
