"""What can be done to a job after it was submitted: cancel it, retry what it refused, undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access.wall import place_of
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.progress import HARMLESS
from bailiwick.engine.run import run
from bailiwick.engine.selection import freeze_rows
from bailiwick.engine.submit import store_change
from bailiwick.engine.undo import can_undo, changed_customers
from bailiwick.models import CHUNK, Customer, Job, JobRefusal, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action


def cancel(actor: Actor, job: Job, action: Action, *, now: datetime) -> None:
    """Asks a job to stop between two chunks; what is done stays done. Raises NotAllowed."""
    actor.require(action.permission)
    Job.objects.filter(pk=job.pk, state__in=(JobState.QUEUED, JobState.RUNNING), cancel_requested_at=None).update(
        cancel_requested_at=now
    )


def retry_refused(actor: Actor, job: Job, action: Action, *, now: datetime) -> Job:
    """Submits the action again for the rows that the job refused. Raises NotAllowed, InvalidParams."""
    actor.require(action.permission)
    rows = JobRefusal.objects.filter(job=job, customer_id__isnull=False).exclude(code=HARMLESS)
    refused = rows.values("customer_id")
    if not isinstance(action, Change) or job.undo_of_id:
        raise InvalidParams.one("job", "not_repeatable", _("This job cannot be repeated."), status=409)
    if not rows.exists():
        raise InvalidParams.one("job", "nothing_refused", _("This job refused no customer."), status=409)
    return _again(actor, action, action.rows(actor).filter(pk__in=refused), raw=job.params, now=now, retry_of=job)


def undo(actor: Actor, job: Job, catalogue: Mapping[str, Action], *, now: datetime) -> Job:
    """Submits the inverse of a whole job. Raises NotAllowed; InvalidParams (409) where there is none or it was done."""
    action = catalogue[job.action]
    _require_undoable(job, action)
    if isinstance(action, Change) and action.inverse:
        inverse = catalogue[action.inverse]
        return _again(actor, inverse, changed_customers(job), raw={}, now=now, undo_of=job)
    return _again(actor, action, changed_customers(job), raw=job.params, now=now, undo_of=job)


def may_undo(actor: Actor, job: Job, catalogue: Mapping[str, Action]) -> bool:
    """Whether `undo` would begin: there is something to undo, it was not yet, and the actor may do the inverse."""
    action = catalogue.get(job.action)
    if action is None or not can_undo(job, action) or _undone(job):
        return False
    inverse = catalogue.get(getattr(action, "inverse", ""), action)
    return actor.may(action.permission) and actor.may(inverse.permission)


def _undone(job: Job) -> bool:
    return Job.objects.filter(undo_of=job).exclude(state=JobState.FAILED).exists()


def _require_undoable(job: Job, action: Action) -> None:
    if not can_undo(job, action):
        raise InvalidParams.one("job", "not_undoable", _("This job cannot be undone."), status=409)
    if _undone(job):
        raise InvalidParams.one("job", "already_undone", _("This job was undone before."), status=409)


def _again(
    actor: Actor,
    action: Action,
    rows: QuerySet[Customer],
    *,
    raw: Mapping[str, object],
    now: datetime,
    undo_of: Job | None = None,
    retry_of: Job | None = None,
) -> Job:
    assert isinstance(action, Change)  # noqa: S101 -- the callers made sure, mypy does not see it
    actor.require(action.permission)
    with action.within(place_of(actor)), transaction.atomic():
        selection = freeze_rows(actor, rows, now=now)
        if not selection.count:
            gone = _("None of the customers concerned is there any more.")
            raise InvalidParams.one("job", "nothing_left", gone, status=409)
        job = store_change(actor, action, selection, raw=raw, now=now, undo_of=undo_of, retry_of=retry_of)
        if undo_of:
            job.title = _("Undo: %(title)s") % {"title": undo_of.title}
            job.save(update_fields=["title"])
    if job.total <= CHUNK:
        run(job, action)
        job.refresh_from_db()
    return job
