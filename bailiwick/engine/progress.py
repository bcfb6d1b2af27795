"""How far a job is: percent, rows a second, seconds left, and its rows with their outcomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, Func, Max, Min, OuterRef, Q, TextField, Value
from django.utils.translation import gettext as _

from bailiwick.access.scope import closed_customers_for, jobs_for
from bailiwick.engine.handover import BESIDE
from bailiwick.models import CustomersEvent, Event, Job, JobRefusal, JobState, OutboxMessage, WholeEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor

LISTED = 20
HARMLESS = "already_so"
# Each reads of a change what its own history says of it.
READ_AS: dict[str, type[Event | CustomersEvent]] = {"partner": Event, "customer": CustomersEvent}
SHAPE = Func("reason", Value("[0-9]+"), Value("…"), Value("g"), function="regexp_replace", output_field=TextField())


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a job; `rate` is rows a second since it started, `seconds_left` None while unknown."""

    percent: int
    rate: float
    seconds_left: float | None


def progress(job: Job, *, now: datetime) -> Progress:
    """Computes the progress from the counters of the job's row."""
    done = job.total - job.pending
    if job.state == JobState.DONE or not job.total:
        return Progress(100 if job.is_over else 0, 0.0, 0.0 if job.is_over else None)
    seconds = ((job.finished_at or now) - job.started_at).total_seconds() if job.started_at else 0.0
    rate = done / seconds if seconds > 0 else 0.0
    left = job.pending / rate if rate and not job.is_over else None
    return Progress(100 * done // job.total, rate, left)


def running_on(actor: Actor, customer_id: int) -> list[Job]:
    """The jobs of the actor's portal that wait or run and have this customer in their selection."""
    still = jobs_for(actor).filter(state__in=(JobState.QUEUED, JobState.RUNNING))
    return list(still.filter(selection__chunks__customer_ids__contains=[customer_id]).order_by("pk"))


def already(*jobs: Job) -> dict[int, int]:
    """How many rows of each job were so before: its row counts them as refused, and nobody has to look at them."""
    some = [job.pk for job in jobs if job.refused]
    told = JobRefusal.objects.filter(job__in=some, code=HARMLESS) if some else JobRefusal.objects.none()
    counted = dict(told.values_list("job").annotate(count=Count("id")))
    return {job.pk: counted.get(job.pk, 0) for job in jobs}


def reasons(job: Job) -> list[dict[str, Any]]:
    """The refusals of a job by reason, most frequent first; the rare ones together, so that any job stays short.

    Sentences that differ in a number only are one reason: "Has … edges".
    """
    grouped = JobRefusal.objects.filter(job=job).values("code", shape=SHAPE)
    counted = grouped.annotate(count=Count("id"), first=Min("reason"), last=Max("reason"))
    listed = list(counted.order_by("-count", "code", "shape")[:LISTED])
    most = _merged(map(_reason, listed))
    others = job.refused - sum(reason["count"] for reason in most)
    if len(listed) < LISTED or others <= 0:
        return most
    return [*most, {"code": "others", "reason": _("Other reasons: see the rows."), "count": others, "harmless": False}]


def _merged(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is said of one and what is said of many are one reason: "Has 1 edge" with "Has … edges"."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        words = "" if re.search("[0-9…]", row["reason"]) else row["reason"]
        first = kept.setdefault((row["code"], words), row)
        if first is not row:
            first |= {"reason": re.sub("[0-9]+", "…", first["reason"]), "count": first["count"] + row["count"]}
    return sorted(kept.values(), key=lambda row: -row["count"])


def _reason(row: Mapping[str, Any]) -> dict[str, Any]:
    words = row["first"] if row["first"] == row["last"] else row["shape"]
    return {"code": row["code"], "reason": words, "count": row["count"], "harmless": row["code"] == HARMLESS}


def outcomes(
    job: Job,
    *,
    outcome: str = "refused",
    after: int = 0,
    limit: int = 100,
    events: type[Event | WholeEvent | CustomersEvent] = Event,
) -> list[dict[str, Any]]:
    """A page of the job's rows: `changed`, `already` so, `refused` or `failed`, after a row's `position`."""
    if outcome == "changed":
        told = events._default_manager.filter(job_id=job.pk, id__gt=after).exclude(name__in=BESIDE)
        return [
            {
                "position": e.pk,
                "customer_id": e.customer_id,
                "customer": e.subject,
                "outcome": "changed",
                "before": e.before,
                "after": e.after,
            }
            for e in told.order_by("id")[:limit]
        ]
    told_apart = {"already": Q(code=HARMLESS), "refused": Q(outcome="refused") & ~Q(code=HARMLESS)}
    wanted = told_apart.get(outcome, Q(outcome=outcome))
    rows = JobRefusal.objects.filter(wanted, job=job, id__gt=after).order_by("id")[:limit]
    return [
        {
            "position": r.pk,
            "customer_id": r.customer_id,
            "line": r.line,
            "customer": r.customer_name,
            "outcome": outcome,
            "code": r.code,
            "reason": r.reason,
            "named": r.named,
        }
        for r in rows
    ]


def outcomes_for(actor: Actor, job: Job, **page: Any) -> list[dict[str, Any]]:
    """The same as the actor may see it: what changed in a customer that gives him no access any more is left out."""
    rows = outcomes(job, **page, events=READ_AS.get(actor.level, WholeEvent))
    ids = [row["customer_id"] for row in rows if row["customer_id"]]
    closed = set(closed_customers_for(actor).filter(pk__in=ids).values_list("pk", flat=True))
    for row in rows:
        if row["customer_id"] not in closed and row.get("named"):
            row["reason"] = row["named"]
        for side in {"before", "after"} & row.keys():
            row[side] = None if row["customer_id"] in closed else _of_his_own(actor, row[side])
    return rows


def _of_his_own(actor: Actor, facts: dict[str, Any] | None) -> dict[str, Any] | None:
    """Without the partner on the other side, where a customer moved."""
    is_foreign = actor.level == "partner" and facts and facts.get("partner_id", actor.partner_id) != actor.partner_id
    return {name: value for name, value in (facts or {}).items() if name != "partner_id"} if is_foreign else facts


def letters(actor: Actor, job: Job) -> list[OutboxMessage]:
    """The mails of a job of his own portal, each with its state; none where the customer lets his side in no more."""
    home = actor.customer_id or job.partner_id == actor.partner_id
    if job.customer_id != actor.customer_id or not home:
        return []
    found = list(OutboxMessage.objects.filter(key__startswith=f"job:{job.pk}:").order_by("pk"))
    told = Event.objects.filter(job_id=job.pk, customer_id=OuterRef("pk"))
    return [] if found and closed_customers_for(actor).filter(Exists(told)).exists() else found


def delivery(actor: Actor, job: Job) -> list[dict[str, Any]]:
    """What became of each mail, for scripts: `sent`, `failed` or `waiting`, the tries, and why the last one failed."""
    return [
        {
            "to": mail.payload["to"],
            "state": "sent" if mail.sent_at else "failed" if mail.failed_at else "waiting",
            "tries": mail.attempts,
            "error": mail.error,
        }
        for mail in letters(actor, job)
    ]
