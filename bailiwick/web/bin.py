"""Deleted customers: in the bin for 30 days, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Max
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import deleted_customers_for, events_for
from bailiwick.actions import MENU
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, Event
    from bailiwick.web.request import Request

KEPT = timedelta(days=30)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Deleted:
    """A customer in the bin: who put it there and how many days are left."""

    customer: Customer
    event: Event | None
    days_left: int


class InTheBin(Exception):  # noqa: N818 -- reads as the sentence it is
    """Who asked for this customer may see the bin, and it is there."""

    def __init__(self, found: Deleted) -> None:
        super().__init__()
        self.found = found


def in_the_bin(actor: Actor, customer_id: int) -> Deleted | None:
    """The deleted customer of this id, for who may see the bin."""
    if not actor.may(Permission.CUSTOMER_RESTORE):
        return None
    rows = list(deleted_customers_for(actor).filter(pk=customer_id))
    return next(iter(_described(actor, rows, timezone.now())), None)


@require_safe
def deleted(request: Request) -> HttpResponse:
    """Shows the bin, what was deleted last on top."""
    actor = request.actor
    actor.require(Permission.CUSTOMER_RESTORE)
    offset = whole_number(request.GET.get("from"))
    rows = deleted_customers_for(actor).select_related("partner").order_by("-deleted_at", "-pk")
    found = list(rows[offset : offset + PAGE + 1])
    context = {
        "rows": _described(actor, found[:PAGE], timezone.now()),
        "older": offset + PAGE if len(found) > PAGE else None,
        "offset": offset,
        "restore": MENU["restore-customer"],
        "rename": MENU["restore-under-new-name"],
    }
    return render(request, "bin/_rows.html" if request.htmx else "bin/page.html", context)


def _described(actor: Actor, customers: Sequence[Customer], now: datetime) -> list[Deleted]:
    ids = [customer.pk for customer in customers]
    last = events_for(actor).filter(customer_id__in=ids, name="DELETE_ENTERPRISE").values("customer_id")
    newest = last.annotate(newest=Max("pk")).values_list("newest", flat=True)
    events = {event.customer_id: event for event in events_for(actor).filter(pk__in=list(newest))}
    return [Deleted(customer, events.get(customer.pk), _days_left(customer, now)) for customer in customers]


def _days_left(customer: Customer, now: datetime) -> int:
    """Days begun count: the last one shows 1."""
    assert customer.deleted_at is not None  # noqa: S101 -- it is in the bin
    return max(0, -((now - customer.deleted_at - KEPT) // timedelta(days=1)))
