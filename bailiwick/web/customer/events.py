"""The history of one customer, newest first, also of one in the bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.web.customer.history import history
from bailiwick.web.customer.inside import around, opened
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from bailiwick.access.actor import Actor

PAGE = 50


@require_safe
def events(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Shows a page of events with before and after; `before` is the id of the event where it goes on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(Permission.EVENT_READ)
    customer = opened(request, customer_id)
    before = whole_number(request.GET.get("before"))
    found = history(actor, customer.pk, before=before, limit=PAGE + 1)
    context = {
        **around(actor, customer, "customer-events"),
        "history": found[:PAGE],
        "older": found[PAGE - 1].event.pk if len(found) > PAGE else None,
        "is_first": not before,
    }
    return render(request, "customer/events.html", context)
