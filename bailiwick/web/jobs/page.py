"""The page of one job: live while it runs, permanent after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bailiwick.access.scope import jobs_for, open_customers_for
from bailiwick.engine.action import Export
from bailiwick.engine.listing.names import naming
from bailiwick.engine.progress import already, letters, outcomes_for, reasons
from bailiwick.web.jobs.after import CHANGED
from bailiwick.web.jobs.shown import show
from bailiwick.web.posted import whole_number
from bailiwick.web.words import differences

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import Job
    from bailiwick.web.request import Request

PAGE = 100
STOP_POLLING = 286  # htmx: the answer is shown and no other is asked for
OUTCOMES = ("changed", "already", "refused", "failed")


def job_of(request: Request, job_id: int) -> Job:
    """The job, if it is in the actor's portal. Raises Http404."""
    rows = jobs_for(request.actor).select_related("selection", "undo_of", "retry_of")
    job = rows.filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job


@require_safe
def job(request: Request, job_id: int) -> HttpResponse:
    """Shows the whole page."""
    found = job_of(request, job_id)
    context = {
        **_live(request, found),
        "outcome": _outcome(request, found),
        "undone_by": found.undone_by.order_by("pk").last(),
        "letters": letters(request.actor, found),
        "has_relay": bool(settings.EMAIL_HOST),
        "retried_by": found.retried_by.order_by("pk").last(),
    }
    return render(request, "jobs/page.html", context)


@require_safe
def live(request: Request, job_id: int) -> HttpResponse:
    """The part that changes while the job runs; when it is over it says so and is asked no more."""
    found = job_of(request, job_id)
    template = "jobs/_dialog_live.html" if "in_dialog" in request.GET else "jobs/_live.html"
    response = render(request, template, {**_live(request, found), "swapped": True})
    if found.is_over:
        response.status_code = STOP_POLLING
        response["HX-Trigger"] = json.dumps(dict.fromkeys(("job-over", *CHANGED), ""))
    return response


@require_safe
def rows(request: Request, job_id: int) -> HttpResponse:
    """A page of the job's rows with one outcome, each with its reason or its change."""
    found = job_of(request, job_id)
    outcome, after = _outcome(request, found), whole_number(request.GET.get("after"))
    so_before = already(found)[found.pk]
    shown = show(request.actor, found, timezone.now())
    counts = {
        "changed": 0 if isinstance(shown.action, Export) else found.changed,
        "already": so_before,
        "refused": found.refused - so_before,
        "failed": found.failed,
    }
    page = outcomes_for(request.actor, found, outcome=outcome, after=after, limit=PAGE + 1)
    context = {
        "job": found,
        "outcome": outcome,
        "words": shown.words,
        "rows": _with_words(request.actor, page[:PAGE]),
        "next": page[PAGE - 1]["position"] if len(page) > PAGE else None,
        "is_first": not after,
        "outcomes": {name: count for name, count in counts.items() if count},
    }
    return render(request, "jobs/_rows.html", context)


def _live(request: Request, found: Job) -> dict[str, Any]:
    listed = reasons(found)
    most = max([found.changed, *(each["count"] for each in listed)], default=1) or 1
    return {
        "job": found,
        "shown": show(request.actor, found, timezone.now()),
        "reasons": listed,
        "most": most,
    }


def _outcome(request: Request, found: Job) -> str:
    """The outcome asked for; else what needs a look comes first."""
    asked = request.GET.get("outcome", "")
    if asked in OUTCOMES:
        return asked
    return "refused" if found.refused - already(found)[found.pk] else "changed" if found.changed else "already"


def _with_words(actor: Actor, page: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [row["customer_id"] for row in page if row["customer_id"]]
    alive = set(open_customers_for(actor).filter(pk__in=ids).values_list("pk", flat=True))
    names = naming(actor)
    return [
        {
            **row,
            "can_open": row["customer_id"] in alive,
            "differences": differences(row.get("before"), row.get("after"), names),
        }
        for row in page
    ]
