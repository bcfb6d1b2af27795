"""Who runs a job: a lease by the database's clock, with a fence that every write repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from bailiwick.models import Job

if TYPE_CHECKING:
    from bailiwick.models import JobState

# A chunk takes a tenth of a second. A killed worker's job is open again after this, well within 15 seconds.
LEASE_SECONDS = 6

CLAIM = """
UPDATE bailiwick_job SET state = 'running', fence = fence + 1, started_at = coalesce(started_at, now()),
  lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id = (
  SELECT id FROM bailiwick_job
  WHERE state IN ('queued', 'running') AND (lease_until IS NULL OR lease_until < clock_timestamp())
    AND (%(job)s::bigint IS NULL OR id = %(job)s)
  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, fence
"""
CLOSE_CHUNK = """
WITH closed AS (
  INSERT INTO bailiwick_jobchunk (job_id, number, changed, refused, failed, finished_at)
  VALUES (%(job)s, %(number)s, %(changed)s, %(refused)s, %(failed)s, clock_timestamp())
)
UPDATE bailiwick_job SET changed = changed + %(changed)s, refused = refused + %(refused)s, failed = failed + %(failed)s,
  lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id = %(job)s AND fence = %(fence)s AND state = 'running'
RETURNING cancel_requested_at IS NOT NULL
"""
FINISH = """
UPDATE bailiwick_job SET state = %(state)s, error = %(error)s, finished_at = clock_timestamp(), lease_until = NULL
WHERE id = %(job)s AND fence = %(fence)s AND state = 'running'
"""


class Fenced(Exception):  # noqa: N818 -- reads as the sentence it is
    """Another worker holds the job now: this one's transaction must roll back."""


def claim(job_id: int | None = None) -> Job | None:
    """Takes the oldest open job (or the named one) whose lease is free. Returns it with its new fence, or None."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"job": job_id, "lease": LEASE_SECONDS})
        row = cursor.fetchone()
    return Job.objects.select_related("selection", "undo_of").get(pk=row[0]) if row else None


def close_chunk(job: Job, *, number: int, changed: int, refused: int, failed: int = 0) -> bool:
    """Writes the chunk's outcome in the transaction of its work and renews the lease. Returns whether to cancel.

    Raises Fenced where the lease has passed to another worker.
    """
    counts = {"number": number, "changed": changed, "refused": refused, "failed": failed}
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_CHUNK, {"job": job.pk, "fence": job.fence, "lease": LEASE_SECONDS, **counts})
        row = cursor.fetchone()
    if row is None:
        raise Fenced
    return bool(row[0])


def finish(job: Job, state: JobState, *, error: str = "") -> None:
    """Ends the job; does nothing where the lease has passed to another worker."""
    with connection.cursor() as cursor:
        cursor.execute(FINISH, {"job": job.pk, "fence": job.fence, "state": state, "error": error[:500]})


def give_back(job: Job) -> None:
    """Ends the lease before its time, so that another worker goes on at once."""
    Job.objects.filter(pk=job.pk, fence=job.fence).update(lease_until=None)
