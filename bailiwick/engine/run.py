"""Running a job: chunk by chunk, each in one transaction, so that any worker may be killed at any instant.

1. claim the job: lease and fence;
2. permission and form once more, with the rights of this moment, before each chunk: what was withdrawn is refused;
3. for each chunk without an outcome: lock in id order → judge → one set-based statement → events, refusals, outcome;
4. finish, or stop between two chunks when somebody asked to cancel.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed, actor_now
from bailiwick.engine.action import Change, Create
from bailiwick.engine.batch import Batch, InputBatch
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.judge import Judge
from bailiwick.engine.lease import Fenced, claim, close_chunk, finish, give_back
from bailiwick.engine.preview import admit
from bailiwick.engine.refuse import refuse_chunk, refuse_lines, write_refusals
from bailiwick.engine.undo import Undo
from bailiwick.models import Job, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.models import Customer

log = logging.getLogger(__name__)
TRIES = 4


def run(job: Job, action: Action) -> None:
    """Claims the job and runs it to its end. Does nothing where somebody else holds it."""
    claimed = claim(job.pk)
    if claimed:
        carry_out(claimed, action)


def never() -> bool:
    """Nobody asks this process to leave."""
    return False


def carry_out(job: Job, action: Action, *, leaving: Callable[[], bool] = never) -> None:
    """Runs a claimed job to its end; an unexpected error fails the job with a plain sentence and one log record.

    `leaving` is asked between two chunks: a process that is told to stop gives the job back, as far as it is.
    """
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
    if _cancelled(job):
        finish(job, JobState.CANCELLED)
        return
    for number, items, now in _open_chunks(job):
        if _chunk(hand.work(), number, items, now):
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
        self._actor: Actor | None = None
        self._work: Work | None = None

    def work(self) -> Work:
        """What does the next chunk: made anew when the user, his role or what it may do has changed."""
        actor = actor_now(self._job.user_id, door=self._job.door, address=self._job.address)
        if self._work is None or actor != self._actor:
            self._actor, self._work = actor, self._made(actor)
        return self._work

    def _made(self, actor: Actor | None) -> Work:
        if actor is None:
            return _Refusing(self._job, NotAllowed(_("The user who started this may no longer act.")))
        try:
            params = admit(actor, self._action, self._job.params)
        except NotAllowed as withdrawn:
            return _Refusing(self._job, withdrawn)
        # An action with an inverse of its own is undone by running that.
        undone = self._job.undo_of and self._job.undo_of.action == self._action.slug
        runner = Undo.of(self._job, self._action) if undone else self._action
        kind = _Changing if isinstance(runner, Change) else _Creating
        return kind(self._job, actor, runner, params)  # type: ignore[arg-type]


def _open_chunks(job: Job) -> Any:
    """The chunks that have no outcome yet, one at a time: their input, or how many customers they select."""
    table, column = (
        ("jobinput", "rows") if job.selection_id is None else ("selectionchunk", "cardinality(customer_ids)")
    )
    owner = ("job_id", job.pk) if job.selection_id is None else ("selection_id", job.selection_id)
    query = (
        f"SELECT number, {column}, clock_timestamp() FROM bailiwick_{table} i WHERE {owner[0]} = %s AND number > %s "
        "AND NOT EXISTS (SELECT FROM bailiwick_jobchunk c WHERE c.job_id = %s AND c.number = i.number) "
        "ORDER BY number LIMIT 1"
    )
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [owner[1], last, job.pk])
            row = cursor.fetchone()
        if row is None:
            return
        yield row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1], row[2]
        last = row[0]


def _cancelled(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists()


def _chunk(work: Work, number: int, items: Any, now: datetime) -> bool:
    """One transaction; a deadlock, a lock time-out or a race for a name is tried again, judged anew."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return work.chunk(number, items, now)
        except (OperationalError, IntegrityError):
            if attempt == TRIES - 1 or not connection.is_usable():
                raise
    raise AssertionError


class _Refusing:
    """The right was withdrawn: every row is left alone, and says why."""

    def __init__(self, job: Job, withdrawn: NotAllowed) -> None:
        self._job, self._withdrawn = job, withdrawn

    def chunk(self, number: int, items: Any, now: datetime) -> bool:  # noqa: ARG002 -- as its brothers
        """Returns whether somebody asked to cancel."""
        code, reason = self._withdrawn.code, self._withdrawn.reason
        if self._job.selection_id is None:
            refuse_lines(self._job, items, {row["line"]: (code, reason) for row in items})
        else:
            refuse_chunk(self._job, number, code, reason)
        size = items if isinstance(items, int) else len(items)
        return close_chunk(self._job, number=number, changed=0, refused=size)


class _Changing:
    """A Change at work, chunk by chunk."""

    def __init__(self, job: Job, actor: Actor, action: Change, params: Mapping[str, Any]) -> None:
        self._job, self._actor, self._action, self._params = job, actor, action, params
        with transaction.atomic():
            refusals = action.rules(params, actor)
            self._judge = Judge(action.rows(actor), refusals, selection=job.selection_id or 0)

    def chunk(self, number: int, size: int, now: datetime) -> bool:
        """Returns whether somebody asked to cancel."""
        batch = Batch(
            job=self._job,
            actor=self._actor,
            action_event=self._action.event,
            category=self._action.category,
            params=self._params,
            now=now,
            judge=self._judge,
            number=number,
        )
        self._action.apply(batch)
        write_refusals(batch, size)
        changed = batch.rows.count
        return close_chunk(self._job, number=number, changed=changed, refused=size - changed)


class _Creating:
    """A Create at work, chunk by chunk."""

    def __init__(self, job: Job, actor: Actor, action: Create, params: Mapping[str, Any]) -> None:
        self._job, self._actor, self._action, self._params = job, actor, action, params

    def chunk(self, number: int, rows: Sequence[dict[str, Any]], now: datetime) -> bool:
        """Returns whether somebody asked to cancel."""
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
        return close_chunk(self._job, number=number, changed=len(batch.rows), refused=len(bad))


Work = _Changing | _Creating | _Refusing


def _remember(job: Job, created: Sequence[Customer]) -> None:
    """What was made stands in the job, so that a door can lead there; many rows are found by the job's events."""
    if job.total == 1 and created:
        Job.objects.filter(pk=job.pk).update(
            result={"id": created[0].pk, "logical_id": str(created[0].logical_id), "name": created[0].name}
        )
