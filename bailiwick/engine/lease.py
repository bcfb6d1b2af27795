"""Who runs a job: a lease by the database's clock, with a fence that every write repeats."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import connection

from bailiwick.models import Job

if TYPE_CHECKING:
    from datetime import datetime

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
) RETURNING *
"""
# The chunk's outcome, told once: the pair is unique, and only the newest fence finds its job. The last chunk ends it.
HELD = """
held AS (
  UPDATE bailiwick_job j SET changed = j.changed + c.changed, refused = j.refused + c.refused,
    failed = j.failed + c.failed,
    state = CASE WHEN NOT %(last)s THEN j.state WHEN j.cancel_requested_at IS NULL THEN 'done' ELSE 'cancelled' END,
    lease_until = CASE WHEN NOT %(last)s THEN clock_timestamp() + make_interval(secs => %(lease)s) END,
    finished_at = CASE WHEN %(last)s THEN clock_timestamp() END
  FROM counts c WHERE j.id = %(job)s AND j.fence = %(fence)s AND j.state = 'running'
  RETURNING c.changed, c.refused, c.failed, j.cancel_requested_at IS NOT NULL AS cancelled
)
"""
OUTCOME = """
closed AS (
  INSERT INTO bailiwick_jobchunk (job_id, number, changed, refused, failed, finished_at)
  SELECT %(job)s, %(number)s, changed, refused, failed, clock_timestamp() FROM held
)
"""
CLOSING = f"{HELD}, {OUTCOME}"
# A job of one chunk needs neither a lease nor a chunk's outcome: the statement that does it claims and ends it.
CLAIMED_AND_ENDED = """
held AS (
  UPDATE bailiwick_job j SET changed = d.changed, refused = d.refused, state = 'done', fence = j.fence + 1,
    started_at = %(now)s, finished_at = clock_timestamp()
  FROM done d WHERE d.changed + d.refused = %(size)s
    AND j.id = %(job)s AND j.fence = %(fence)s AND j.state = 'queued' AND j.cancel_requested_at IS NULL
  RETURNING j.id
)
"""
CLOSE_CHUNK = f"""
WITH counts (changed, refused, failed) AS (VALUES (%(changed)s, %(refused)s, %(failed)s)), {CLOSING}
SELECT cancelled FROM held
"""
FINISH = """
UPDATE bailiwick_job SET state = %(state)s, error = %(error)s, finished_at = clock_timestamp(), lease_until = NULL
WHERE id = %(job)s AND fence = %(fence)s AND state = 'running'
"""


class Fenced(Exception):  # noqa: N818 -- reads as the sentence it is
    """Another worker holds the job now: this one's transaction must roll back."""


class Clock:
    """The database's clock, read at the claim and carried on by this process: no round trip a chunk."""

    def __init__(self, job: Job) -> None:
        assert job.lease_until  # noqa: S101 -- a claimed job has a lease
        self._claimed = job.lease_until - timedelta(seconds=LEASE_SECONDS)
        self._since = monotonic()

    def now(self) -> datetime:
        """What the database would say."""
        return self._claimed + timedelta(seconds=monotonic() - self._since)


def claim(job_id: int | None = None) -> Job | None:
    """Takes the oldest open job (or the named one) whose lease is free. Returns it with its new fence, or None."""
    return next(iter(Job.objects.raw(CLAIM, {"job": job_id, "lease": LEASE_SECONDS})), None)


def terms(job: Job, number: int, *, last: bool) -> dict[str, Any]:
    """What CLOSING asks for, beside the counts."""
    return {"job": job.pk, "number": number, "fence": job.fence, "lease": LEASE_SECONDS, "last": last}


def close_chunk(job: Job, *, number: int, last: bool, changed: int, refused: int, failed: int = 0) -> bool:
    """Writes the chunk's outcome in the transaction of its work; renews the lease, or ends the job with its last chunk.

    Returns whether somebody asked to cancel. Raises Fenced where the lease has passed to another worker.
    """
    counts = {"changed": changed, "refused": refused, "failed": failed}
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_CHUNK, terms(job, number, last=last) | counts)
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
