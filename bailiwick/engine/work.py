"""What does a chunk of a job: by the kind of its action, or, without the right to it, by refusing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from bailiwick.engine.intake.batch import InputBatch
from bailiwick.engine.intake.mapping import label
from bailiwick.engine.judge import Judge, hold_grants
from bailiwick.engine.lease import close_chunk
from bailiwick.engine.once import batch_of, done_whole, size_of, statement_of
from bailiwick.engine.refuse import refuse_chunk, refuse_lines, settle
from bailiwick.models import Job, JobInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor, NotAllowed
    from bailiwick.engine.action import Change, Create
    from bailiwick.engine.batch import Batch
    from bailiwick.engine.fuse import Whole


class Refusing:
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
        return close_chunk(self._job, number=number, last=last, changed=0, refused=size_of(self._job, number))


class Changing:
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


class Creating:
    """A Create at work, chunk by chunk."""

    def __init__(self, job: Job, actor: Actor, action: Create, params: Mapping[str, Any]) -> None:
        self._job, self._actor, self._action, self._params = job, actor, action, params

    def chunk(self, number: int, now: datetime, *, last: bool) -> bool:
        """Returns whether somebody asked to cancel."""
        rows = _input(self._job, number)
        hold_grants({row.get("partner_id") for row in rows})
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
        found = {line: (problem.code, f"{label(problem.field)}: {problem.because}") for line, problem in bad.items()}
        refuse_lines(self._job, rows, found)
        _remember(self._job, batch)
        return close_chunk(self._job, number=number, last=last, changed=len(batch.rows), refused=len(bad))


Work = Changing | Creating | Refusing


def _input(job: Job, number: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = JobInput.objects.values_list("rows", flat=True).get(job=job, number=number)
    return rows


def _remember(job: Job, batch: InputBatch) -> None:
    """What was made stands in the job, so that a door can lead there; many rows are found by the job's events."""
    if job.total == 1 and batch.created:
        made = batch.created[0]
        result = {"id": made.pk, "logical_id": str(made.logical_id), "name": made.name, **batch.report}
        Job.objects.filter(pk=job.pk).update(result=result)
