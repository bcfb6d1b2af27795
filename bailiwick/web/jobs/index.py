"""The list of jobs, newest first, and the ring in the top bar."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import jobs_for
from bailiwick.actions import MENU
from bailiwick.web.jobs.shown import shown_all
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import Job
    from bailiwick.web.request import Request

PAGE = 50
RINGS = 3
OPEN = ("queued", "running")


@require_safe
def jobs(request: Request) -> HttpResponse:
    """Shows a page of jobs; every filter stands in the address."""
    actor = request.actor
    actor.require(Permission.CUSTOMER_READ)
    chosen = {name: request.GET[name] for name in ("mine", "open", "action") if request.GET.get(name)}
    before = whole_number(request.GET.get("before"))
    rows = list(_page(actor, chosen, before)[: PAGE + 1])
    now = timezone.now()
    context = {
        "jobs": shown_all(actor, rows[:PAGE], now),
        "chosen": chosen,
        "actions": [(action.slug, action.label_for(actor)) for action in MENU.of(actor)],
        "older": urlencode({**chosen, "before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "is_first": not before,
    }
    return render(request, "jobs/_list.html" if request.htmx else "jobs/list.html", context)


def _page(actor: Actor, chosen: dict[str, str], before: int) -> QuerySet[Job]:
    rows = jobs_for(actor).order_by("-pk")
    if "mine" in chosen:
        rows = rows.filter(user_id=actor.user_id)
    if "open" in chosen:
        rows = rows.filter(state__in=OPEN)
    if "action" in chosen:
        rows = rows.filter(action=chosen["action"].replace("\0", ""))
    return rows.filter(pk__lt=before) if before else rows


@require_safe
def running_jobs(request: Request) -> HttpResponse:
    """A ring with percent for each of the actor's own open jobs."""
    actor = request.actor
    now = timezone.now()
    rows = jobs_for(actor).filter(user_id=actor.user_id, state__in=OPEN).order_by("pk")[:RINGS]
    return render(request, "jobs/_rings.html", {"jobs": shown_all(actor, list(rows), now)})
