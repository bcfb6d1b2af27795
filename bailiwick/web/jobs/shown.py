"""One job as pages show it: title with counts, progress in words, and which buttons it still has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.actions import MENU
from bailiwick.engine.action import Change, Create, Export
from bailiwick.engine.again import may_undo
from bailiwick.engine.progress import already, progress
from bailiwick.web.words import DOORS, STATES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.utils.functional import _StrPromise as StrPromise

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.engine.progress import Progress
    from bailiwick.models import Job

MINUTE = 60


class Words(NamedTuple):
    """What became of a row, as a heading and with a number."""

    done: StrPromise
    so_many_done: StrPromise
    refused: StrPromise
    so_many_refused: StrPromise


CHANGES = Words(
    gettext_lazy("Changed"), gettext_lazy("%(n)s changed"), gettext_lazy("Refused"), gettext_lazy("%(n)s refused")
)
# The rows of an export are those of its file, edges perhaps; who is left out is a customer.
WORDS = (
    (Create, CHANGES._replace(done=gettext_lazy("Created"), so_many_done=gettext_lazy("%(n)s created"))),
    (
        Export,
        Words(
            gettext_lazy("In the file"),
            gettext_lazy("%(n)s rows in the file"),
            gettext_lazy("Left out"),
            gettext_lazy("%(n)s customers left out"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job beside everything a template asks about it."""

    job: Job
    action: Action | None
    progress: Progress
    may_cancel: bool
    may_retry: bool
    may_undo: bool
    already: int

    @property
    def words(self) -> Words:
        """How outcomes are called in a job of this kind."""
        return next((words for kind, words in WORDS if isinstance(self.action, kind)), CHANGES)

    @property
    def refused(self) -> int:
        """The rows that somebody may want to look at."""
        return self.job.refused - self.already

    @property
    def counts(self) -> str:
        """What became of its rows, in words."""
        job = self.job
        found = (
            (job.changed, self.words.so_many_done),
            (self.already, _("%(n)s already so")),
            (self.refused, self.words.so_many_refused),
            (job.failed, _("%(n)s failed")),
            (job.pending if job.is_over else 0, _("%(n)s not reached")),
        )
        said = " · ".join(words % {"n": f"{number:,}"} for number, words in found if number)
        return said or (_("nothing changed") if job.is_over and job.total else "")

    @property
    def state(self) -> str:
        """The state in words."""
        if self.job.cancel_requested_at and not self.job.is_over:
            return _("Cancelling")
        return str(STATES.get(self.job.state, self.job.state))

    @property
    def door(self) -> str:
        """Where it was submitted."""
        return str(DOORS.get(self.job.door, self.job.door))

    @property
    def left(self) -> str:
        """The time left in words."""
        seconds = self.progress.seconds_left
        if seconds is None:
            return _("waiting for a worker") if self.job.started_at is None else ""
        if seconds < MINUTE:
            return _("%(n)d s left") % {"n": round(seconds) or 1}
        return _("%(n)d min left") % {"n": round(seconds / MINUTE)}


def shown_all(actor: Actor, jobs: Sequence[Job], now: datetime) -> list[ShownJob]:
    """What the actor may still do with each of the jobs."""
    so_before = already(*jobs)
    return [_shown(actor, job, now, so_before[job.pk]) for job in jobs]


def show(actor: Actor, job: Job, now: datetime) -> ShownJob:
    """What the actor may still do with the job."""
    return shown_all(actor, [job], now)[0]


def _shown(actor: Actor, job: Job, now: datetime, so_before: int) -> ShownJob:
    action = MENU.get(job.action)
    may = action is not None and actor.may(action.permission)
    refused = job.refused - so_before
    return ShownJob(
        job=job,
        action=action,
        progress=progress(job, now=now),
        may_cancel=may and not job.is_over and job.cancel_requested_at is None,
        may_retry=may and job.is_over and refused > 0 and isinstance(action, Change) and not job.undo_of_id,
        may_undo=may_undo(actor, job, MENU),
        already=so_before,
    )
