"""What has had its time: old events, dead sessions and links, rows of imports, counters, sent letters."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from bailiwick import audit
from bailiwick.access import attempts, browsers, devices
from bailiwick.access.actor import Actor
from bailiwick.access.properties import property_value
from bailiwick.engine.chain.events import fault_among
from bailiwick.engine.chain.seal import add_removed
from bailiwick.models import DeviceCertificate, Event, JobInput, Link, OutboxMessage, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

log = logging.getLogger(__name__)
AT_ONCE = 5_000
LINKS_KEPT, LETTERS_KEPT, CERTIFICATES_KEPT = timedelta(days=30), timedelta(days=90), timedelta(days=90)
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
    removed += DeviceCertificate.objects.filter(not_after__lt=now - CERTIFICATES_KEPT).delete()[0]
    return removed + attempts.forget(now) + browsers.remove_old(now) + devices.remove_old(now)


def _remove_events(name: str, now: datetime, leaving: Callable[[], bool]) -> int:
    before = now - timedelta(weeks=property_value(name))
    old = Event.objects.filter(at__lt=before, customer_id__isnull=LOGS[name])
    total = 0
    while not leaving() and (gone := _remove_chunk(list(old.values_list("pk", flat=True)[:AT_ONCE]), now)):
        total += gone
    if total:
        worker = Actor.stranger("worker", door="worker")
        after = {"events": total, "before": before.isoformat()}
        audit.record(worker, "REMOVE_OLD_EVENTS", subject=name, after=after, category="SYSTEM", at=now)
    return total


def _remove_chunk(keys: list[int], now: datetime) -> int:
    """Steps out of the portal's role, which may not remove events, for one transaction (docs/adr/0007).

    The chain is told what goes. Where an event is not what was sealed, nothing goes: retention is no way to lose it.
    """
    if not keys:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        if fault := fault_among(keys):
            log.error("old events are kept: %s", fault)
            return 0
        add_removed(cursor, keys, now=now)
        return Event.objects.filter(pk__in=keys).delete()[0]
