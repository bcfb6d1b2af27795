"""Cancel a job, retry what it refused, undo it: from its page, from a message, from the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bailiwick.actions import MENU
from bailiwick.engine import again
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.web.doorkeeper import error_page
from bailiwick.web.jobs.after import answer, refuse, triggers
from bailiwick.web.jobs.page import job_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.engine.action import Action
    from bailiwick.models import Job
    from bailiwick.web.request import Request


@require_POST
def cancel_job(request: Request, job_id: int) -> HttpResponse:
    """Asks the job to stop after the rows it is at."""
    job = job_of(request, job_id)
    again.cancel(request.actor, job, _action(job), now=timezone.now())
    if not request.htmx:
        return redirect("job", job.pk)
    return HttpResponse(status=204, headers={"HX-Trigger": triggers("jobs-changed")})


@require_POST
def retry_job(request: Request, job_id: int) -> HttpResponse:
    """Submits the action again for the refused rows."""
    job = job_of(request, job_id)
    return _do(request, lambda: again.retry_refused(request.actor, job, _action(job), now=timezone.now()))


@require_POST
def undo_job(request: Request, job_id: int) -> HttpResponse:
    """Submits the inverse; what was changed since is left alone and listed."""
    job = job_of(request, job_id)
    _action(job)
    return _do(request, lambda: again.undo(request.actor, job, MENU, now=timezone.now()))


def _action(job: Job) -> Action:
    if job.action not in MENU:
        raise Http404
    return MENU[job.action]


def _do(request: Request, submit: Callable[[], Job]) -> HttpResponse:
    """A script gets a message, a page goes to the new job."""
    try:
        job = submit()
    except InvalidParams as error:
        if request.htmx:
            return refuse(_said(error), error.status)
        return error_page(request, status=error.status, title=_("Nothing was changed"), detail=_said(error))
    return answer(request, job) if request.htmx else redirect("job", job.pk)


def _said(error: InvalidParams) -> str:
    return " ".join(each["message"] for found in error.errors.values() for each in found)
