"""The history of one customer, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.web.customer.history import history
from bailiwick.web.customer.inside import around, opened
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


@require_safe
def events(request: Request, customer_id: int) -> HttpResponse:
    """Shows a page of events with before and after; `after` is the event where it goes on."""
    actor = request.actor
    actor.require(Permission.EVENT_READ)
    customer = opened(request, customer_id)
    after = whole_number(request.GET.get("after"))
    entries, older = history(actor, customer.pk, after=after)
    context = {
        **around(actor, customer, "customer-events"),
        "history": entries,
        "older": older,
        "is_first": not after,
    }
    return render(request, "customer/events.html", context)
