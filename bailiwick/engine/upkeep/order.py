"""The order by last change, kept beside the customers: an index on the row itself would slow every bulk action."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from django.db import connection, transaction

from bailiwick.models import CHUNK, Job, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 100
OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
# Locked in the order in which the triggers of the counters lock them.
FOLLOW = """
UPDATE bailiwick_customerstat s SET modified_at = c.updated_at
FROM (
  SELECT c.id, c.updated_at
  FROM bailiwick_customerstat s JOIN bailiwick_customer c ON c.id = s.customer_id
  WHERE s.modified_at < c.updated_at AND s.customer_id = ANY ((
    SELECT customer_ids FROM bailiwick_selectionchunk WHERE selection_id = %s AND number = %s
  )::bigint[])
  ORDER BY s.customer_id FOR NO KEY UPDATE OF s
) c WHERE s.customer_id = c.id
"""


def keep_order(*, leaving: Callable[[], bool]) -> int:
    """Moves the customers of the jobs that have ended to their new place; returns how many jobs that were."""
    jobs = Job.objects.filter(is_listed=False, selection__isnull=False, state__in=OVER).order_by("pk")
    done = 0
    for job in jobs.only("pk", "selection_id", "total")[:AT_ONCE]:
        if leaving():
            break
        _follow(job)
        done += 1
    return done


def _follow(job: Job) -> None:
    """A transaction a chunk; whoever is stopped in between begins this job anew, for which little is left to do."""
    for number in range(ceil(job.total / CHUNK)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FOLLOW, [job.selection_id, number])
    Job.objects.filter(pk=job.pk).update(is_listed=True)
