"""Jobs over REST: how far they are, what became of each row, cancel, retry and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Status

from bailiwick.access.scope import jobs_for
from bailiwick.actions import MENU
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, page_of, require_known
from bailiwick.api.problems import not_found
from bailiwick.api.shapes import JobOut, JobPage, OutcomePage
from bailiwick.engine import again
from bailiwick.engine.progress import already, delivery, outcomes_for, progress, reasons

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import Job

router = Router(tags=["Jobs"])
PATH = "/api/v1/jobs/"
DIGITS = 18


@router.get("/jobs", response=JobPage)
def jobs(
    request: Call,
    action: str = "",
    state: Literal["", "queued", "running", "done", "failed", "cancelled"] = "",
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """The jobs of your portal, newest first."""
    actor = request.auth
    require_known(request, "action", "state")
    rows = jobs_for(actor).order_by("-id")
    rows = rows.filter(action=action.replace("\0", "")) if action else rows
    rows = rows.filter(state=state) if state else rows
    found, further = page_of(rows, limit=limit, after=after, descending=True)
    return {"data": [job_json(job, actor) for job in found], "next": further}


@router.get("/jobs/{job_id}", response=JobOut)
def job_now(request: Call, job_id: str) -> Any:
    """How far the job is, and why rows were refused."""
    actor = request.auth
    return one_job(_job(actor, job_id), actor)


@router.get("/jobs/{job_id}/outcomes", response=OutcomePage)
def job_outcomes(
    request: Call,
    job_id: str,
    outcome: Literal["changed", "already", "refused", "failed"] = "refused",
    limit: Limit = 100,
    after: After = None,
) -> Any:
    """The rows of the job with this outcome, in the order of the run."""
    job = _job(request.auth, job_id)
    found = outcomes_for(request.auth, job, outcome=outcome, after=after or 0, limit=limit + 1)
    further = str(found[limit - 1]["position"]) if len(found) > limit else None
    return {"data": found[:limit], "next": further}


@router.post("/jobs/{job_id}/cancel", response=JobOut)
def cancel(request: Call, job_id: str) -> Any:
    """Asks the job to stop between two chunks; what is done stays done. A job that is over is left as it is."""
    actor = request.auth
    job = _job(actor, job_id)
    again.cancel(actor, job, MENU.entry(job.action), now=timezone.now())
    job.refresh_from_db()
    return job_json(job, actor)


@router.post("/jobs/{job_id}/retry", response={200: JobOut, 202: JobOut})
def retry(request: Call, job_id: str, response: HttpResponse) -> Any:
    """Does the action again for the rows that this job refused: a new job."""
    actor = request.auth
    job = _job(actor, job_id)
    return _new(again.retry_refused(actor, job, MENU.entry(job.action), now=timezone.now()), actor, response)


@router.post("/jobs/{job_id}/undo", response={200: JobOut, 202: JobOut})
def undo(request: Call, job_id: str, response: HttpResponse) -> Any:
    """Puts every changed row back, unless somebody changed it since: a new job."""
    actor = request.auth
    job = _job(actor, job_id)
    MENU.entry(job.action)
    return _new(again.undo(actor, job, MENU, now=timezone.now()), actor, response)


def _new(job: Job, actor: Actor, response: HttpResponse) -> Status[Any]:
    response["Location"] = job_path(job)
    return Status(200 if job.is_over else 202, one_job(job, actor))


def _job(actor: Actor, job_id: str) -> Job:
    """By its UUID, or by its number."""
    try:
        wanted = Q(logical_id=UUID(job_id))
    except ValueError:
        if not (job_id.isascii() and job_id.isdecimal() and len(job_id) <= DIGITS):
            raise not_found() from None
        wanted = Q(pk=int(job_id))
    job = jobs_for(actor).filter(wanted).first()
    if job is None:
        raise not_found()
    return job


def job_path(job: Job) -> str:
    """The address of a job."""
    return f"{PATH}{job.logical_id}"


def one_job(job: Job, actor: Actor) -> dict[str, Any]:
    """A single job tells what became of its mails too."""
    return {**job_json(job, actor), "mail": delivery(actor, job)}


def job_json(job: Job, actor: Actor) -> dict[str, Any]:
    """A job as this door shows it."""
    how_far, so_before = progress(job, now=timezone.now()), already(job)[job.pk]
    return {
        "id": job.logical_id,
        "number": job.pk,
        "action": job.action,
        "title": job.title,
        "state": job.state,
        "total": job.total,
        "counts": {
            "changed": job.changed,
            "already": so_before,
            "refused": job.refused - so_before,
            "failed": job.failed,
            "pending": job.pending,
        },
        "progress": {"percent": how_far.percent, "rate": how_far.rate, "seconds_left": how_far.seconds_left},
        "reasons": reasons(job) if job.refused else [],
        "error": job.error,
        "result": job.result,
        "actor": getattr(job, "maker", job.actor_name),
        "door": job.door,
        "cancel_requested": job.cancel_requested_at is not None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "links": _links(job, actor, refused=job.refused - so_before),
    }


def _links(job: Job, actor: Actor, *, refused: int) -> dict[str, str]:
    """What can be asked of the job now."""
    path, action = job_path(job), MENU.get(job.action)
    links = {"self": path, "outcomes": f"{path}/outcomes"}
    if action and actor.may(action.permission):
        links |= {"cancel": f"{path}/cancel"} if not job.is_over else {}
        links |= {"retry": f"{path}/retry"} if job.is_over and refused and not job.undo_of_id else {}
        links |= {"undo": f"{path}/undo"} if again.may_undo(actor, job, MENU) else {}
    return links
