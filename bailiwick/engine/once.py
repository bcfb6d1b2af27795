"""A small job of plain flags, all in one statement: claimed, judged, changed, told and ended, or nothing of it."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from bailiwick.access.actor import actor_now
from bailiwick.engine.action import Change
from bailiwick.engine.batch import Batch
from bailiwick.engine.fuse import fits, fuse_at_once
from bailiwick.engine.judge import Judge
from bailiwick.engine.preview import admit
from bailiwick.models import CHUNK, JobState

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bailiwick.engine.action import Action
    from bailiwick.models import Job

log = logging.getLogger(__name__)


def done_at_once(job: Job, action: Action) -> bool:
    """Whether the job has ended. Otherwise nothing was written: it waits to be claimed and run chunk by chunk.

    That longer way also finds out why, and tells: a right that was withdrawn, a row that slipped away, a deadlock,
    a database that went away.
    """
    if not _may_be(job) or not isinstance(action, Change) or type(action).apply is not Change.apply:
        return False
    try:
        return _done(job, action)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the longer way meets it again
        log.debug("job %s is claimed first: %s", job.pk, error)
        return False


def _may_be(job: Job) -> bool:
    return job.state == JobState.QUEUED and not job.undo_of_id and 0 < job.total <= CHUNK


def _done(job: Job, action: Change) -> bool:
    actor = actor_now(job.user_id, door=job.door, address=job.address)
    if actor is None:
        return False
    params, now = admit(actor, action, job.params), timezone.now()
    judge = Judge(action, actor, tuple(action.rules(params, actor)))
    values = action.values(params, now=now)
    if not fits(judge, values):
        return False
    batch = Batch(
        job=job,
        actor=actor,
        action_event=action.event,
        category=action.category,
        params=params,
        now=now,
        judge=judge,
        number=0,
        size=job.total,
    )
    with _by_itself():
        fuse_at_once(batch, values)
    return True


def _by_itself() -> AbstractContextManager[object]:
    """One statement is a transaction; inside another one it must not take that down with it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
