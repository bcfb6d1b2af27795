"""What a page shows after something was submitted: a message with Undo, a file, the new customer, or the progress."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bailiwick.engine.action import Create
from bailiwick.web.jobs.shown import show

if TYPE_CHECKING:
    from bailiwick.engine.action import Action
    from bailiwick.models import Job
    from bailiwick.web.request import Request

CHANGED = ("customers-changed", "jobs-changed")


def answer(request: Request, job: Job, action: Action | None = None) -> HttpResponse:
    """The dialog's third state; a small job is done already and skips to the end."""
    result = job.result or {}
    if "download" in result:
        return _leave(str(result["download"]))
    if isinstance(action, Create) and "id" in result:
        return _leave(reverse("customer", args=[result["id"]]))
    response = finished(request, job) if job.is_over else running(request, job)
    if action is not None:
        told = json.loads(response["HX-Trigger"])
        response["HX-Trigger"] = triggers(*told, "selection-spent")
    return response


def finished(request: Request, job: Job) -> HttpResponse:
    """A message in the corner; the dialog closes and lists read themselves again where they stand."""
    shown = show(request.actor, job, timezone.now())
    response = render(request, "jobs/_toast.html", {"shown": shown, "job": job})
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = triggers("close-dialog", *CHANGED)
    return response


def running(request: Request, job: Job) -> HttpResponse:
    """The dialog with the progress bar; the job goes on when it is closed."""
    shown = show(request.actor, job, timezone.now())
    response = render(request, "jobs/_dialog.html", {"shown": shown, "job": job})
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    response["HX-Trigger"] = triggers("jobs-changed")
    return response


def refuse(text: str, status: int) -> HttpResponse:
    """A message in the corner that says why nothing was done."""
    message = {"toast": {"text": text, "kind": "error"}}
    # ASCII: a header cannot hold anything else, and JSON can say everything in it.
    return HttpResponse(status=status, headers={"HX-Reswap": "none", "HX-Trigger": json.dumps(message)})


def triggers(*names: str) -> str:
    """The header that tells the page's scripts what happened."""
    return json.dumps(dict.fromkeys(names, ""))


def _leave(address: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": address, "HX-Trigger": triggers("close-dialog", *CHANGED)})
