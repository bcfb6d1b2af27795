"""Turning a checked request into rows that any worker can run: one transaction, once for each idempotency key."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick.access.scope import log_of_job
from bailiwick.access.wall import place_of
from bailiwick.engine.action import Change, Create, Export, UnknownAction
from bailiwick.engine.exports.export import finish_at_once
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.insert import insert
from bailiwick.engine.preview import admit, invalid_row, refuse_conflict
from bailiwick.engine.run import run
from bailiwick.engine.selection import among, completed, freeze
from bailiwick.models import CHUNK, Job, JobInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.models import Selection

WAKE_CHANNEL = "bailiwick_work"


def submit(
    actor: Actor,
    action: Action,
    *,
    select: object = None,
    raw: Mapping[str, Any],
    now: datetime,
    key: str | None = None,
    confirm: int | None = None,
) -> Job:
    """Checks again, freezes the request into rows, and runs it at once when it is small (at most 1,000 rows).

    `key` makes a repetition harmless: the same request returns the first job, another one raises InvalidParams.
    Raises NotAllowed, InvalidParams.
    """
    with action.within(place_of(actor)):
        return _submit(actor, action, select=select, raw=raw, now=now, key=key, confirm=confirm)


def _submit(
    actor: Actor, action: Action, *, select: object, raw: Mapping[str, Any], now: datetime, key: str | None,
    confirm: int | None,
) -> Job:  # fmt: skip
    raw = completed(actor, action, select, raw, now=now)
    digest = _digest(action, select, raw)
    earlier = _earlier(actor, key, digest)
    if earlier:
        return earlier
    try:
        with transaction.atomic():
            job = _store(actor, action, select=select, raw=raw, now=now, key=key, digest=digest, confirm=confirm)
    except IntegrityError:
        earlier = _earlier(actor, key, digest)
        if earlier is None:
            raise
        return earlier
    if job.total <= CHUNK:
        run(job, action)
        job.refresh_from_db()
    return job


def store_change(
    actor: Actor, action: Change, selection: Selection, *, raw: Mapping[str, Any], now: datetime, **more: Any
) -> Job:
    """Writes the job of a frozen selection; the caller's transaction commits it and wakes a worker."""
    params = admit(actor, action, raw)
    rows = among(action.rows(actor), selection)
    refuse_conflict(action, rows, action.rules(params, actor), params, actor)
    job = _job(actor, action, raw=raw, now=now, title=action.sentence(params), **more)
    job.selection = selection
    job.total = selection.count
    job.save()
    _wake(job)
    return job


def _store(
    actor: Actor,
    action: Action,
    *,
    select: object,
    raw: Mapping[str, Any],
    now: datetime,
    confirm: int | None,
    key: str | None,
    digest: str,
) -> Job:
    more = {"idempotency_key": key, "request_digest": digest}
    if isinstance(action, Change):
        admit(actor, action, raw)
        selection = freeze(actor, action, select, now=now)
        _require_confirmation(actor, action, selection.count, confirm)
        return store_change(actor, action, selection, raw=raw, now=now, **more)
    params = admit(actor, action, raw)
    job = _job(actor, action, raw=raw, now=now, title=action.sentence(params), **more)
    if isinstance(action, Create):
        return _store_inputs(job, actor, action, params)
    if isinstance(action, Export):
        return finish_at_once(job, action, params, actor)
    raise UnknownAction(action.slug)


def _job(actor: Actor, action: Action, *, raw: Mapping[str, Any], now: datetime, title: str, **more: Any) -> Job:
    return Job(
        action=action.slug,
        title=str(title)[:500],
        user_id=actor.user_id,
        actor_name=actor.name,
        partner_id=log_of_job(actor),
        customer_id=actor.customer_id,
        door=actor.door,
        address=actor.address,
        params=dict(raw),
        created_at=now,
        **more,
    )


def _store_inputs(job: Job, actor: Actor, action: Create, params: Mapping[str, Any]) -> Job:
    rows = list(action.inputs(params, actor))
    problems = action.problems(rows, params, actor)
    if problems and (not action.many or action.is_strict(params)):
        raise invalid_row(problems)
    job.total = len(rows)
    job.save()
    for number, chunk in enumerate(_chunks(rows)):
        insert(JobInput, [{"job_id": job.pk, "number": number, "rows": chunk}])
    _wake(job)
    return job


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _require_confirmation(actor: Actor, action: Change, count: int, confirm: int | None) -> None:
    """On a page the number is always typed; a script may leave it out, but a wrong one is refused everywhere."""
    if not action.destroys or confirm == count or (confirm is None and actor.door != "web"):
        return
    message = _("Type %(count)s, the number of selected customers.") % {"count": count}
    raise InvalidParams.one("confirm", "wrong_count", message)


def _digest(action: Action, select: object, raw: Mapping[str, Any]) -> str:
    text = json.dumps([action.slug, select, dict(raw)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _earlier(actor: Actor, key: str | None, digest: str) -> Job | None:
    job = Job.objects.filter(user_id=actor.user_id, idempotency_key=key).first() if key else None
    if job and job.request_digest != digest:
        message = _("This Idempotency-Key was used for another request.")
        raise InvalidParams.one("Idempotency-Key", "idempotency_mismatch", message)
    return job


def _wake(job: Job) -> None:
    """A small job is run by whoever submitted it: a worker that won the race would make the user wait for a poll."""
    if job.total <= CHUNK:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE_CHANNEL])
