"""Plain flags in one statement that is all or nothing: a chunk without a transaction, or a small job with its claim."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language

from bailiwick.access.actor import rights_now
from bailiwick.engine.action import Change
from bailiwick.engine.batch import Batch
from bailiwick.engine.fuse import Fused, Whole, fits, fuse_whole, whole
from bailiwick.engine.judge import KEPT, Judge
from bailiwick.engine.preview import admit
from bailiwick.models import CHUNK, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.models import Job

log = logging.getLogger(__name__)


def statement_of(batch: Batch, action: Change, *, mark: str | None = None) -> Whole | None:
    """What does the chunks of this job, each by one statement; None where an action does more than set its values."""
    if type(action).apply is not Change.apply:
        return None
    values = action.values(batch.params, now=batch.now)
    return whole(batch, values, mark=mark) if fits(batch.judge, values) else None


def done_whole(statement: Whole, batch: Batch) -> Fused | None:
    """What one statement did, for good; None where it could not do all, and did nothing.

    The longer way then finds out why, and tells: a right that was withdrawn, a job that another worker holds, a row
    that slipped away or is gone, a deadlock.
    """
    try:
        with _by_itself():
            return fuse_whole(statement, batch)
    except DatabaseError as error:
        if not connection.is_usable():
            raise
        log.debug("job %s, chunk %s: %s", batch.job.pk, batch.number, error)
        return None


def done_at_once(job: Job, action: Action) -> bool:
    """Whether the job has ended; otherwise it waits to be claimed, and nothing was written."""
    small = job.state == JobState.QUEUED and not job.undo_of_id and 0 < job.total <= CHUNK
    if not small or not isinstance(action, Change):
        return False
    try:
        batch = _only_chunk(job, action)
        statement = statement_of(batch, action) if batch else None
    except Exception as error:  # noqa: BLE001 -- whatever it is, the longer way meets it again and tells
        log.debug("job %s: %s", job.pk, error)
        return False
    return bool(batch and statement and done_whole(statement, batch))


def _only_chunk(job: Job, action: Change) -> Batch | None:
    rights = rights_now(job.user_id)
    if rights is None:
        return None
    actor = rights.actor(door=job.door, address=job.address)
    if action.is_constant:
        params, judge = _admitted_before(actor, action, tuple(job.params.items()), get_language())
    else:
        params, judge = _admitted(actor, action, job.params)
    return batch_of(job, actor, action, params, judge=judge, number=0, now=timezone.now(), last=True)


def _admitted(actor: Actor, action: Change, raw: Mapping[str, Any]) -> tuple[dict[str, Any], Judge]:
    params = admit(actor, action, raw)
    return params, Judge(action, actor, tuple(action.rules(params, actor)))


@lru_cache(maxsize=KEPT)
def _admitted_before(
    actor: Actor,
    action: Change,
    raw: tuple[tuple[str, Any], ...],
    language: str | None,  # noqa: ARG001 -- refusals are in it
) -> tuple[dict[str, Any], Judge]:
    """The same actor, as his rights are now, with the same values. Who is not admitted is asked again each time."""
    return _admitted(actor, action, dict(raw))


def batch_of(
    job: Job,
    actor: Actor,
    action: Change,
    params: Mapping[str, Any],
    *,
    judge: Judge,
    number: int,
    now: datetime,
    last: bool,
) -> Batch:
    """A chunk of a job, with what its statements need to know."""
    return Batch(
        job=job,
        actor=actor,
        action_event=action.event,
        category=action.category,
        params=params,
        now=now,
        judge=judge,
        number=number,
        size=size_of(job, number),
        last=last,
    )


def size_of(job: Job, number: int) -> int:
    """How many rows a chunk has: all are full but the last."""
    return min(CHUNK, job.total - number * CHUNK)


def _by_itself() -> AbstractContextManager[object]:
    """One statement is a transaction; inside another one it must not take that down with it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
