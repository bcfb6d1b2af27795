"""Running a job: chunk by chunk, each in one transaction, so that any worker may be killed at any instant.

1. claim the job: lease and fence;
2. permission and form once more, with the rights of this moment, before each chunk: what was withdrawn is refused;
3. for each chunk without an outcome: lock in id order → judge → one set-based statement → events, refusals, outcome
   (for plain flags all of this is one statement, engine/fuse.py);
4. the last chunk ends the job; somebody may ask to stop it between two chunks.

A job of one chunk that sets plain flags is all of this in one statement (engine/once.py).
"""

from __future__ import annotations

import logging
from math import ceil
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed, rights_now
from bailiwick.access.wall import place_of_job, standing
from bailiwick.engine.action import Change, Create
from bailiwick.engine.batch import InputBatch
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.judge import Judge
from bailiwick.engine.lease import Clock, Fenced, claim, close_chunk, finish, give_back
from bailiwick.engine.once import batch_of, done_at_once, done_whole, statement_of
from bailiwick.engine.preview import admit
from bailiwick.engine.refuse import refuse_chunk, refuse_lines, settle
from bailiwick.engine.undo import Undo
from bailiwick.models import CHUNK, Job, JobChunk, JobInput, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor, Rights
    from bailiwick.engine.action import Action
    from bailiwick.engine.batch import Batch
    from bailiwick.engine.fuse import Whole
    from bailiwick.models import Customer

log = logging.getLogger(__name__)
TRIES = 4


def run(job: Job, action: Action) -> None:
    """Claims the job and runs it to its end. Does nothing where somebody else holds it."""
    with standing(place_of_job(job)):
        claimed = None if done_at_once(job, action) else claim(job.pk)
        if claimed:
            carry_out(claimed, action)


def never() -> bool:
    """Nobody asks this process to leave."""
    return False


def carry_out(job: Job, action: Action, *, leaving: Callable[[], bool] = never) -> None:
    """Runs a claimed job to its end; an unexpected error fails the job with a plain sentence and one log record.

    `leaving` is asked between two chunks: a process that is told to stop gives the job back, as far as it is.
    """
    with action.within(place_of_job(job)):
        _tried(job, action, leaving)


def _tried(job: Job, action: Action, leaving: Callable[[], bool]) -> None:
    try:
        _carry_out(job, action, leaving)
    except Fenced:
        log.warning("job %s passed to another worker", job.pk)
    except (NotAllowed, InvalidParams) as error:
        finish(job, JobState.FAILED, error=str(error))
    except (OperationalError, IntegrityError):
        raise
    except Exception:
        log.exception("job %s failed", job.pk)
        finish(job, JobState.FAILED, error=_("Something unexpected went wrong. What was done so far is listed."))


def _carry_out(job: Job, action: Action, leaving: Callable[[], bool]) -> None:
    hand = _Hand(job, action)
    hand.work()
    if job.cancel_requested_at:
        finish(job, JobState.CANCELLED)
        return
    clock, numbers = Clock(job), _open_chunks(job)
    for number in numbers:
        last = number == numbers[-1]
        cancelled = _chunk(hand, number, clock, last=last)
        if last:
            return
        if cancelled:
            finish(job, JobState.CANCELLED)
            return
        if leaving():
            give_back(job)
            return
    finish(job, JobState.DONE)


class _Hand:
    """Does the job with the rights that its user has at this moment; without them every row is refused."""

    def __init__(self, job: Job, action: Action) -> None:
        self._job, self._action = job, action
        self._rights: Rights | None = None
        self._work: Work | None = None

    def work(self) -> Work:
        """What does the next chunk: made anew when the user, his role or what it may do has changed."""
        rights = rights_now(self._job.user_id)
        if self._work is None or rights != self._rights:
            self._rights, self._work = rights, self._made(rights)
        return self._work

    def at_once(self, number: int, now: datetime, *, last: bool) -> bool | None:
        """Whether somebody asked to cancel; None where the chunk was not done."""
        return self._work.at_once(number, now, last=last) if isinstance(self._work, _Changing) else None

    def _made(self, rights: Rights | None) -> Work:
        if rights is None:
            return _Refusing(self._job, NotAllowed(_("The user who started this may no longer act.")))
        actor = rights.actor(door=self._job.door, address=self._job.address)
        try:
            params = admit(actor, self._action, self._job.params)
        except NotAllowed as withdrawn:
            return _Refusing(self._job, withdrawn)
        # An action with an inverse of its own is undone by running that.
        undone = self._job.undo_of and self._job.undo_of.action == self._action.slug
        runner = Undo.of(self._job, self._action) if undone else self._action
        if isinstance(runner, Change):
            return _Changing(self._job, actor, runner, params, mark=rights.mark)
        return _Creating(self._job, actor, runner, params)  # type: ignore[arg-type]


def _open_chunks(job: Job) -> list[int]:
    """The numbers of the chunks that have no outcome yet; before the second claim these are all."""
    done = set(JobChunk.objects.filter(job=job).values_list("number", flat=True)) if job.fence > 1 else set()
    return [number for number in range(ceil(job.total / CHUNK)) if number not in done]


def _chunk(hand: _Hand, number: int, clock: Clock, *, last: bool) -> bool:
    """One transaction, the last one ends the job; a deadlock, a lock time-out or a race for a name is tried again."""
    cancelled = hand.at_once(number, clock.now(), last=last)
    if cancelled is not None:
        return cancelled
    work = hand.work()
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return work.chunk(number, clock.now(), last=last)
        except (OperationalError, IntegrityError):
            if attempt == TRIES - 1 or not connection.is_usable():
                raise
    raise AssertionError


class _Refusing:
    """The right was withdrawn: every row is left alone, and says why."""

    def __init__(self, job: Job, withdrawn: NotAllowed) -> None:
        self._job, self._withdrawn = job, withdrawn

    def chunk(self, number: int, now: datetime, *, last: bool) -> bool:  # noqa: ARG002 -- as its brothers
        """Returns whether somebody asked to cancel."""
        code, reason = self._withdrawn.code, self._withdrawn.reason
        if self._job.selection_id is None:
            rows = _input(self._job, number)
            refuse_lines(self._job, rows, {row["line"]: (code, reason) for row in rows})
        else:
            refuse_chunk(self._job, number, code, reason)
        return close_chunk(self._job, number=number, last=last, changed=0, refused=_size(self._job, number))


class _Changing:
    """A Change at work, chunk by chunk."""

    def __init__(self, job: Job, actor: Actor, action: Change, params: Mapping[str, Any], *, mark: str) -> None:
        self._job, self._actor, self._action, self._params = job, actor, action, params
        self._mark, self._hopes = mark, True
        self._whole: Whole | None = None
        with transaction.atomic():
            self._judge = Judge(action, actor, tuple(action.rules(params, actor)))

    def at_once(self, number: int, now: datetime, *, last: bool) -> bool | None:
        """The chunk by one statement: whether somebody asked to cancel, None where it could not: then no more."""
        batch = self._batch(number, now, last=last)
        if self._hopes and self._whole is None:
            self._whole = statement_of(batch, self._action, mark=self._mark)
        done = done_whole(self._whole, batch) if self._hopes and self._whole else None
        self._hopes = done is not None
        return done.cancelled if done else None

    def chunk(self, number: int, now: datetime, *, last: bool) -> bool:
        """Returns whether somebody asked to cancel."""
        batch = self._batch(number, now, last=last)
        self._action.apply(batch)
        changed = settle(batch)
        if batch.fused and batch.fused.cancelled is not None:
            return batch.fused.cancelled
        return close_chunk(self._job, number=number, last=last, changed=changed, refused=batch.size - changed)

    def _batch(self, number: int, now: datetime, *, last: bool) -> Batch:
        given = self._job, self._actor, self._action, self._params
        return batch_of(*given, judge=self._judge, number=number, now=now, last=last)


class _Creating:
    """A Create at work, chunk by chunk."""

    def __init__(self, job: Job, actor: Actor, action: Create, params: Mapping[str, Any]) -> None:
        self._job, self._actor, self._action, self._params = job, actor, action, params

    def chunk(self, number: int, now: datetime, *, last: bool) -> bool:
        """Returns whether somebody asked to cancel."""
        rows = _input(self._job, number)
        problems = self._action.problems(rows, self._params, self._actor)
        bad = {problem.line: problem for problem in reversed(problems)}
        batch = InputBatch(
            job=self._job,
            actor=self._actor,
            action_event=self._action.event,
            category=self._action.category,
            params=self._params,
            rows=[row for row in rows if row["line"] not in bad],
            now=now,
        )
        self._action.make(batch)
        found = {line: (problem.code, f"{problem.field}: {problem.because}") for line, problem in bad.items()}
        refuse_lines(self._job, rows, found)
        _remember(self._job, batch.created)
        return close_chunk(self._job, number=number, last=last, changed=len(batch.rows), refused=len(bad))


Work = _Changing | _Creating | _Refusing


def _size(job: Job, number: int) -> int:
    return min(CHUNK, job.total - number * CHUNK)


def _input(job: Job, number: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = JobInput.objects.values_list("rows", flat=True).get(job=job, number=number)
    return rows


def _remember(job: Job, created: Sequence[Customer]) -> None:
    """What was made stands in the job, so that a door can lead there; many rows are found by the job's events."""
    if job.total == 1 and created:
        Job.objects.filter(pk=job.pk).update(
            result={"id": created[0].pk, "logical_id": str(created[0].logical_id), "name": created[0].name}
        )
