"""The menu over REST: what the caller may do, what it would do, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status

from bailiwick.access.actor import Actor, NotAllowed
from bailiwick.actions import MENU
from bailiwick.api.body import idempotency_key, params_of
from bailiwick.api.caller import Call
from bailiwick.api.files import read_call
from bailiwick.api.freshness import precondition, version_for
from bailiwick.api.jobs import job_path, one_job
from bailiwick.api.shapes import ActionOut, JobOut, PreviewOut
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.forms.schema import params_schema
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit

if TYPE_CHECKING:
    from bailiwick.engine.action import Action
    from bailiwick.engine.plan import Plan
    from bailiwick.engine.preview import Preview

router = Router(tags=["Actions"])


@router.get("/actions", response=list[ActionOut])
def menu(request: Call) -> Any:
    """The entries of the menu that your role may use, in its order, with the JSON Schema of their params."""
    actor = request.auth
    return [_entry(action, actor) for action in MENU.of(actor)]


@router.post("/actions/{slug}/preview", response=PreviewOut)
def preview_action(request: Call, slug: str) -> Any:
    """Says what the action would do now: how many customers change, how many are refused and why. Changes nothing."""
    action = MENU.entry(slug)
    body = read_call(request, action, "page")
    actor = request.auth
    page = _page(body)
    shown = preview(actor, action, select=body.get("select"), raw=params_of(body), now=timezone.now(), page=page)
    return _preview_json(shown)


@router.post("/actions/{slug}", response={200: JobOut, 202: JobOut})
def run_action(request: Call, slug: str, response: HttpResponse) -> Any:
    """Does it: 200 with the finished job, or 202 with the address of a job that a worker runs (over 1,000 rows).

    An action on one customer takes If-Match: a customer that somebody changed since is left alone, 412.
    """
    action = MENU.entry(slug)
    body, version = read_call(request, action), version_for(request, action)
    actor = request.auth
    try:
        job = submit(
            actor,
            action,
            select=body.get("select"),
            raw=params_of(body) | ({"version": version} if version else {}),
            now=timezone.now(),
            key=idempotency_key(request),
            confirm=_confirm(body),
        )
    except InvalidParams as error:
        raise precondition(error, header=bool(version)) from None
    response["Location"] = job_path(job)
    return Status(200 if job.is_over else 202, one_job(job, actor))


def _page(body: dict[str, Any]) -> int:
    page = body.get("page", 1)
    if type(page) is not int or page < 1:
        raise InvalidParams.one("page", "page_range", _("Give the number of a page, from 1."))
    return page


def _confirm(body: dict[str, Any]) -> int | None:
    confirm = body.get("confirm")
    if confirm is not None and type(confirm) is not int:
        raise InvalidParams.one("confirm", "wrong_type", _("Give a whole number."))
    return confirm


def _entry(action: Action, actor: Actor) -> dict[str, Any]:
    closed = _closed(action, actor)
    return {
        "slug": action.slug,
        "label": action.label_for(actor),
        "help": action.help,
        "group": action.group,
        "reach": action.reach.value,
        "destroys": action.destroys,
        "in_menu": action.in_menu,
        "open": closed is None,
        "closed_because": closed,
        "params": params_schema(action.Params, actor),
    }


def _closed(action: Action, actor: Actor) -> str | None:
    try:
        action.gate(actor)
    except NotAllowed as refusal:
        return refusal.reason
    return None


def _preview_json(shown: Preview) -> dict[str, Any]:
    return {
        "ticket": shown.selection.logical_id if shown.selection else None,
        "total": shown.total,
        "will_change": shown.changing,
        "already": shown.already,
        "refused": shown.refused - shown.already,
        "reasons": [
            {
                "code": reason.code,
                "reason": str(reason.because),
                "count": reason.count,
                "harmless": reason.harmless,
                "customers": reason.customers,
            }
            for reason in shown.reasons
        ],
        "sample": shown.sample,
        "plan": _plan_json(shown.plan) if shown.plan else None,
        "problems": [
            {"line": found.line, "field": found.field, "code": found.code, "reason": str(found.because)}
            for found in shown.problems
        ],
        "consequences": [str(sentence) for sentence in shown.consequences],
        "button": shown.button,
    }


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {"page": plan.page, "pages": plan.pages, "rows": [line._asdict() for line in plan.lines]}
