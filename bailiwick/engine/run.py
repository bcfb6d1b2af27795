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
from typing import TYPE_CHECKING

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed, rights_now
from bailiwick.access.wall import place_of_job, standing
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.lease import Clock, Fenced, claim, finish, give_back
from bailiwick.engine.once import done_at_once
from bailiwick.engine.preview import admit
from bailiwick.engine.undo import Undo
from bailiwick.engine.work import Changing, Creating, Refusing
from bailiwick.models import CHUNK, JobChunk, JobState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bailiwick.access.actor import Rights
    from bailiwick.engine.action import Action
    from bailiwick.engine.work import Work
    from bailiwick.models import Job

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
        _fail(job, action, str(error))
    except (OperationalError, IntegrityError):
        raise
    except Exception:
        log.exception("job %s failed", job.pk)
        _fail(job, action, _("Something unexpected went wrong. What was done so far is listed."))


def _fail(job: Job, action: Action, error: str) -> None:
    finish(job, JobState.FAILED, error=error)
    if action.forgets:
        job.params = {name: value for name, value in job.params.items() if name not in action.forgets}
        job.save(update_fields=["params"])


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
        return self._work.at_once(number, now, last=last) if isinstance(self._work, Changing) else None

    def _made(self, rights: Rights | None) -> Work:
        if rights is None:
            return Refusing(self._job, NotAllowed(_("The user who started this may no longer act.")))
        actor = rights.actor(door=self._job.door, address=self._job.address)
        try:
            params = admit(actor, self._action, self._job.params)
        except NotAllowed as withdrawn:
            return Refusing(self._job, withdrawn)
        # An action with an inverse of its own is undone by running that.
        undone = self._job.undo_of and self._job.undo_of.action == self._action.slug
        runner = Undo.of(self._job, self._action) if undone else self._action
        if isinstance(runner, Change):
            return Changing(self._job, actor, runner, params, mark=rights.mark)
        return Creating(self._job, actor, runner, params)  # type: ignore[arg-type]


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
