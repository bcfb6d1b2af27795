"""Deleted customers: who deleted them and how long the way back is open (domain decision 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Max

from bailiwick.access.scope import events_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, Event

DAYS_IN_BIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A customer in the bin: who put it there and how many days are left."""

    customer: Customer
    event: Event | None
    days_left: int


def described(actor: Actor, customers: Sequence[Customer], now: datetime) -> list[Deleted]:
    """These customers of the bin; the event is None where it is not the actor's to read."""
    ids = [customer.pk for customer in customers]
    last = events_for(actor).filter(customer_id__in=ids, name="DELETE_ENTERPRISE").values("customer_id")
    newest = last.annotate(newest=Max("pk")).values_list("newest", flat=True)
    events = {event.customer_id: event for event in events_for(actor).filter(pk__in=list(newest))}
    return [Deleted(customer, events.get(customer.pk), _days_left(customer, now)) for customer in customers]


def _days_left(customer: Customer, now: datetime) -> int:
    """Days begun count: the last one shows 1."""
    assert customer.deleted_at is not None  # noqa: S101 -- it is in the bin
    return max(0, -((now - customer.deleted_at - DAYS_IN_BIN) // timedelta(days=1)))
