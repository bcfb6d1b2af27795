"""Customers that were in the bin for 30 days go for good, and so do selections and uploads past their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from bailiwick.access.bin import DAYS_IN_BIN
from bailiwick.models import Selection, Upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet


CHUNK = 500


def purge(now: datetime, *, leaving: Callable[[], bool]) -> int:
    """Removes what has had its time and returns how many rows; `leaving` is asked between two chunks."""
    removed = 0
    for duty in (_bin, _selections, _uploads):
        while not leaving() and (found := duty(now)):
            removed += found
    return removed


TAKE = """
WITH due AS MATERIALIZED (
  SELECT id, name, partner_id, partner_access, operator_access, logical_id, account_number
  FROM bailiwick_customer WHERE deleted_at < %(before)s
  ORDER BY deleted_at, id LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
), told AS (
  INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, partner_id, customer_id,
    subject, before)
  SELECT %(now)s, 'PURGE_ENTERPRISE', 'ENTERPRISE', 'INFO', 'Bailiwick', 'worker', '',
    CASE WHEN partner_access THEN partner_id END, id, name,
    jsonb_build_object('logical_id', logical_id, 'account_number', account_number)
      || CASE WHEN operator_access THEN '{}'::jsonb ELSE '{"operator_access": false}' END
  FROM due
)
SELECT array_agg(id)::text FROM due
"""


def _bin(now: datetime) -> int:
    """Deletes at most a chunk of customers, the oldest first. PostgreSQL takes along what they own; events stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"before": now - DAYS_IN_BIN, "now": now, "chunk": CHUNK})
        (ids,) = cursor.fetchone()
        cursor.execute("DELETE FROM bailiwick_customer WHERE id = ANY(%s)", [ids])
        return int(cursor.rowcount)


def _selections(now: datetime) -> int:
    """A selection that a job ran on stays with the job."""
    return _delete(Selection.objects.filter(expires_at__lt=now, jobs=None))


def _uploads(now: datetime) -> int:
    return _delete(Upload.objects.filter(expires_at__lt=now))


def _delete(rows: QuerySet[Any]) -> int:
    keys = list(rows.values_list("pk", flat=True)[:CHUNK])
    rows.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)
