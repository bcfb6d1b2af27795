"""What is kept only for a time: customers in the bin, old events, and what has expired; each a chunk at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.models import Session
from django.db import transaction

from bailiwick.access.properties import property_value
from bailiwick.models import Attempt, Customer, Event, Link, Selection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet

DAYS_IN_BIN = timedelta(days=30)
KEPT_LINKS = timedelta(days=30)
KEPT_ATTEMPTS = timedelta(days=1)
CHUNK = 500
EVENTS = 10_000
WEEKS = (1, 52)


def purge(now: datetime, *, leaving: Callable[[], bool]) -> int:
    """Removes what has had its time and returns how many rows; `leaving` is asked between two chunks."""
    duties = (_bin, _events, _expired)
    removed = 0
    for duty in duties:
        while not leaving() and (found := duty(now)):
            removed += found
    return removed


def _bin(now: datetime) -> int:
    """Deletes at most a chunk of customers for good, in id order, with everything below them; their events stay."""
    with transaction.atomic():
        due = Customer.objects.filter(deleted_at__lt=now - DAYS_IN_BIN).order_by("pk")
        rows = list(due.select_for_update(skip_locked=True)[:CHUNK])
        Event.objects.bulk_create(_purged(customer, now) for customer in rows)
        Customer.objects.filter(pk__in=[customer.pk for customer in rows]).delete()
    return len(rows)


def _purged(customer: Customer, now: datetime) -> Event:
    return Event(
        at=now,
        name="PURGE_ENTERPRISE",
        category="ENTERPRISE",
        actor_name="Bailiwick",
        door="worker",
        partner_id=customer.partner_id,
        customer_id=customer.pk,
        subject=customer.name,
        before={"logical_id": str(customer.logical_id), "account_number": customer.account_number},
    )


def _events(now: datetime) -> int:
    """Retention (domain 15.3): events of customers and events of operators have a time each."""
    return _older(now, "retentionWeeks.enterpriseEvents", of_customers=True) or _older(
        now, "retentionWeeks.operatorEvents", of_customers=False
    )


def _older(now: datetime, name: str, *, of_customers: bool) -> int:
    weeks = min(max(int(property_value(name)), WEEKS[0]), WEEKS[1])
    old = Event.objects.filter(at__lt=now - timedelta(weeks=weeks), customer_id__isnull=not of_customers)
    return _delete(old, EVENTS)


def _expired(now: datetime) -> int:
    return sum(_delete(rows, CHUNK) for rows in _expired_rows(now))


def _expired_rows(now: datetime) -> tuple[QuerySet[Any], ...]:
    return (
        Session.objects.filter(expire_date__lt=now),
        Selection.objects.filter(expires_at__lt=now, jobs=None),
        Link.objects.filter(expires_at__lt=now - KEPT_LINKS),
        Attempt.objects.filter(window_started_at__lt=now - KEPT_ATTEMPTS).exclude(blocked_until__gt=now),
    )


def _delete(rows: QuerySet[Any], limit: int) -> int:
    keys = list(rows.values_list("pk", flat=True)[:limit])
    rows.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)
