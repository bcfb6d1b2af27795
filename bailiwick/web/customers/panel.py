"""The side panel of the list: a customer's facts and last events without leaving the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.engine.progress import running_on
from bailiwick.web.customer.history import history
from bailiwick.web.customer.inside import opened
from bailiwick.web.customers import cells

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer
    from bailiwick.web.request import Request

LAST = 5


@require_safe
def panel(request: Request, customer_id: int) -> HttpResponse:
    """Shows the panel."""
    actor: Actor = request.actor
    customer = opened(request, customer_id)
    context = {
        "customer": customer,
        "facts": _facts(actor, customer),
        "counts": [(getattr(customer.stat, field), mood, mark, label) for field, mood, mark, label in cells.COUNTS],
        "jobs": running_on(actor, customer.pk),
        "history": history(actor, customer.pk, limit=LAST)[0] if actor.may(Permission.EVENT_READ) else [],
    }
    return render(request, "customers/_panel.html", context)


def _facts(actor: Actor, customer: Customer) -> list[tuple[str, Any]]:
    place = customer.detail
    facts = [
        (_("Account number"), customer.account_number if actor.level != "customer" else ""),
        (_("Domain"), customer.domain),
        (_("Partner"), customer.partner or ""),
        (_("Gateway pool"), customer.gateway_pool),
        (_("Operator profile"), customer.operator_profile),
        (_("Contact"), place.contact_name),
        (_("E-mail"), place.contact_email),
        (_("Phone"), place.contact_phone),
        (_("Place"), ", ".join(part for part in (place.city, place.state, place.country) if part)),
    ]
    return [(label, value) for label, value in facts if value]
