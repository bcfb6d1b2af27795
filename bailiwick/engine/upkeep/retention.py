"""What has had its time: old events, dead sessions and links, rows of imports, counters, sent letters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from bailiwick import audit
from bailiwick.access import attempts, browsers, devices
from bailiwick.access.actor import Actor
from bailiwick.access.properties import property_value
from bailiwick.models import Event, JobInput, Link, OutboxMessage, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

AT_ONCE = 5_000
LINKS_KEPT, LETTERS_KEPT = timedelta(days=30), timedelta(days=90)
# As long as an idempotency key answers for its job. What was made stands in the events, what was not in the refusals.
INPUTS_KEPT = timedelta(days=7)
# Customer events have a customer; all others are the operator's (domain 15.3).
LOGS = {"retentionWeeks.operatorEvents": True, "retentionWeeks.enterpriseEvents": False}


def remove_old(now: datetime, *, leaving: Callable[[], bool]) -> int:
    """Removes all of it and returns how many rows went; `leaving` is asked between chunks."""
    removed = sum(_remove_events(name, now, leaving) for name in LOGS)
    removed += Session.objects.filter(expire_date__lt=now).delete()[0]
    removed += Link.objects.filter(expires_at__lt=now - LINKS_KEPT).delete()[0]
    removed += JobInput.objects.filter(job__finished_at__lt=now - INPUTS_KEPT).delete()[0]
    removed += OutboxMessage.objects.filter(sent_at__lt=now - LETTERS_KEPT).delete()[0]
    return removed + attempts.forget(now) + browsers.remove_old(now) + devices.remove_old(now)


def _remove_events(name: str, now: datetime, leaving: Callable[[], bool]) -> int:
    before = now - timedelta(weeks=property_value(name))
    old = Event.objects.filter(at__lt=before, customer_id__isnull=LOGS[name])
    total = 0
    while not leaving() and (gone := _remove_chunk(list(old.values_list("pk", flat=True)[:AT_ONCE]))):
        total += gone
    if total:
        worker = Actor.stranger("worker", door="worker")
        after = {"events": total, "before": before.isoformat()}
        audit.record(worker, "REMOVE_OLD_EVENTS", subject=name, after=after, category="SYSTEM", at=now)
    return total


def _remove_chunk(keys: list[int]) -> int:
    """Steps out of the portal's role, which may not remove events, for this one statement (docs/adr/0007)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        return Event.objects.filter(pk__in=keys).delete()[0] if keys else 0
