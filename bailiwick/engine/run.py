"""Running a job: chunk by chunk, each in one transaction, so that any worker may be killed at any instant.

1. claim the job: lease and fence;
2. permission and form once more, with the rights of this moment;
3. for each chunk without an outcome: lock in id order → judge → one set-based statement → events, refusals, outcome;
4. finish, or stop between two chunks when somebody asked to cancel.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick.access.actor import Actor, NotAllowed, actor_now
from bailiwick.engine.action import Change, Create
from bailiwick.engine.batch import Batch, InputBatch
from bailiwick.engine.form import InvalidParams
from bailiwick.engine.judge import ALLOWED, stand_alone, verdicts, within
from bailiwick.engine.lease import Fenced, claim, close_chunk, finish, give_back
from bailiwick.engine.preview import GONE, admit
from bailiwick.engine.undo import Undo
from bailiwick.models import Job, JobRefusal, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.engine.action import Action, Refusal
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
    actor = actor_now(job.user_id, door=job.door, address=job.address)
    if actor is None:
        raise NotAllowed(_("The user who started this may no longer act."))
    params = admit(actor, action, job.params)
    # An action with an inverse of its own is undone by running that.
    runner = Undo.of(job, action) if job.undo_of and job.undo_of.action == action.slug else action
    for number, items in _open_chunks(job):
        if _cancelled(job) or _chunk(job, actor, runner, params, number, items):
            finish(job, JobState.CANCELLED)
            return
        if leaving():
            give_back(job)
            return
    finish(job, JobState.DONE)


def _open_chunks(job: Job) -> Any:
    """The chunks that have no outcome yet, one at a time: 1,000,000 rows never stand in memory together."""
    table, column = ("jobinput", "rows") if job.selection_id is None else ("selectionchunk", "customer_ids")
    owner = ("job_id", job.pk) if job.selection_id is None else ("selection_id", job.selection_id)
    query = (
        f"SELECT number, {column} FROM bailiwick_{table} i WHERE {owner[0]} = %s AND number > %s "
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
        yield row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1]
        last = row[0]


def _cancelled(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists()


def _chunk(job: Job, actor: Actor, action: Action, params: Mapping[str, Any], number: int, items: Any) -> bool:
    """One transaction; a deadlock, a lock time-out or a race for a name is tried again, judged anew."""
    work = _change if isinstance(action, Change) else _create
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return work(job, actor, action, params, number, items)  # type: ignore[arg-type]
        except (OperationalError, IntegrityError):
            if attempt == TRIES - 1 or not connection.is_usable():
                raise
    raise AssertionError


def _change(job: Job, actor: Actor, action: Change, params: Mapping[str, Any], number: int, ids: Sequence[int]) -> bool:
    now = _now()
    refusals = action.refusals(params, actor)
    judged = _judge_locked(within(action.rows(actor), ids), refusals)
    batch = Batch(
        job=job,
        actor=actor,
        action_event=action.event,
        category=action.category,
        params=params,
        ids=[pk for pk, (verdict, _name) in judged.items() if verdict == ALLOWED],
        now=now,
    )
    action.apply(batch)
    refused = _refused(job, ids, judged, refusals)
    JobRefusal.objects.bulk_create(refused)
    return close_chunk(job, number=number, changed=len(batch.ids), refused=len(refused))


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _judge_locked(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> dict[int, tuple[int, str]]:
    """Locks in id order, then judges. Where a rule looks at other rows these are two statements:
    in one, a sub-query could see an older snapshot than the row that was waited for.
    """
    locking = rows.order_by("pk").select_for_update(of=("self",))
    if stand_alone(refusals):
        judged = verdicts(locking, refusals)
    else:
        judged = verdicts(within(rows, locking.values_list("pk", flat=True)), refusals)
    return {pk: (verdict, name) for pk, verdict, name in judged.order_by("pk").values_list("pk", "verdict", "name")}


def _refused(
    job: Job, ids: Sequence[int], judged: Mapping[int, tuple[int, str]], refusals: Sequence[Refusal]
) -> list[JobRefusal]:
    gone = [
        JobRefusal(job=job, customer_id=pk, customer_name="", code="gone", reason=str(GONE))
        for pk in ids
        if pk not in judged
    ]
    return gone + [
        JobRefusal(
            job=job,
            customer_id=pk,
            customer_name=name,
            code=refusals[verdict].code,
            reason=str(refusals[verdict].because),
        )
        for pk, (verdict, name) in judged.items()
        if verdict != ALLOWED
    ]


def _create(
    job: Job, actor: Actor, action: Create, params: Mapping[str, Any], number: int, rows: Sequence[dict[str, Any]]
) -> bool:
    problems = action.problems(rows, params, actor)
    bad = {problem.line: problem for problem in reversed(problems)}
    batch = InputBatch(
        job=job,
        actor=actor,
        action_event=action.event,
        category=action.category,
        params=params,
        rows=[row for row in rows if row["line"] not in bad],
        now=_now(),
    )
    action.make(batch)
    names = {row["line"]: str(row.get("name", ""))[:255] for row in rows}
    JobRefusal.objects.bulk_create(
        JobRefusal(
            job=job,
            line=line,
            customer_name=names[line],
            code=problem.code,
            reason=f"{problem.field}: {problem.because}",
        )
        for line, problem in bad.items()
    )
    _remember(job, batch.created)
    return close_chunk(job, number=number, changed=len(batch.rows), refused=len(bad))


def _remember(job: Job, created: Sequence[Customer]) -> None:
    """What was made stands in the job, so that a door can lead there; many rows are found by the job's events."""
    if job.total == 1 and created:
        Job.objects.filter(pk=job.pk).update(
            result={"id": created[0].pk, "logical_id": str(created[0].logical_id), "name": created[0].name}
        )
