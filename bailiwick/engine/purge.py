"""Customers that were in the bin for 30 days go for good, and so do selections and uploads past their time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from bailiwick.models import Customer, Event, Selection, Upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet

DAYS_IN_BIN = timedelta(days=30)
CHUNK = 500


def purge(now: datetime, *, leaving: Callable[[], bool]) -> int:
    """Removes what has had its time and returns how many rows; `leaving` is asked between two chunks."""
    removed = 0
    for duty in (_bin, _selections, _uploads):
        while not leaving() and (found := duty(now)):
            removed += found
    return removed


def _bin(now: datetime) -> int:
    """Deletes at most a chunk of customers, in id order, with everything below them; their events stay."""
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


def _selections(now: datetime) -> int:
    """A selection that a job ran on stays with the job."""
    return _delete(Selection.objects.filter(expires_at__lt=now, jobs=None))


def _uploads(now: datetime) -> int:
    return _delete(Upload.objects.filter(expires_at__lt=now))


def _delete(rows: QuerySet[Any]) -> int:
    keys = list(rows.values_list("pk", flat=True)[:CHUNK])
    rows.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)
