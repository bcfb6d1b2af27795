"""One dialog for every action, three states in the same place: form, preview, running or done."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import select_template
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bailiwick.access.wall import place_of
from bailiwick.engine.action import Change, Create, Export, Reach
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.names import naming
from bailiwick.engine.preview import preview
from bailiwick.engine.selection import LeftOut, among, completed, freeze, left_out
from bailiwick.engine.submit import submit
from bailiwick.web.asked import entry, values
from bailiwick.web.dressed import dressed
from bailiwick.web.jobs.after import answer
from bailiwick.web.plan import planned
from bailiwick.web.posted import decoded, number, one_time_key
from bailiwick.web.words import differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.engine.preview import Preview
    from bailiwick.models import Selection
    from bailiwick.web.request import Request

NAMED = 1
LISTED = 20


@require_POST
def dialog(request: Request, slug: str) -> HttpResponse:
    """Opens the dialog, or returns to its form; an action without questions begins with the preview."""
    action = entry(request.actor, slug)
    try:
        selection, begun = _selected(request, action), _begun(request, action)
    except InvalidParams as error:
        return _form(request, action, None, error=error)
    if action.page:
        return HttpResponse(headers={"HX-Redirect": _page(request.actor, action, selection)})
    if action.Params.base_fields or not isinstance(action, Change):
        return _form(request, action, selection, begun=begun)
    return _preview(request, action, selection, {})


@require_POST
def previewed(request: Request, slug: str) -> HttpResponse:
    """Judges every selected row and says what would happen."""
    action = entry(request.actor, slug)
    selection = None
    try:
        selection = _selected(request, action)
        return _preview(request, action, selection, values(request, action))
    except InvalidParams as error:
        return _form(request, action, selection, error=error)


@require_POST
def act(request: Request, slug: str) -> HttpResponse:
    """Does what was previewed; the form's key makes a double click harmless."""
    action, raw = entry(request.actor, slug), None
    try:
        raw = values(request, action)
        job = submit(
            request.actor,
            action,
            select=decoded(request.POST.get("select")),
            raw=raw,
            now=timezone.now(),
            key=one_time_key(request.POST.get("key")),
            confirm=number(request.POST.get("confirm")),
        )
    except InvalidParams as error:
        return _refused(request, action, raw, error)
    return answer(request, job, action)


def _selected(request: Request, action: Action) -> Selection | None:
    """The ticket: from here on everything quotes it, so what is done is what was seen."""
    if not isinstance(action, Change):
        return None
    return freeze(request.actor, action, _select(request) or {"ids": []}, now=timezone.now(), partly=True)


def _begun(request: Request, action: Action) -> Mapping[str, Any]:
    """The one selected customer in its field, where the action makes another one of it."""
    chosen = {} if not isinstance(action, Create) or action.template not in request.POST else {action.template: None}
    return chosen or completed(request.actor, action, _select(request), {}, now=timezone.now())


def _select(request: Request) -> Any:
    ticked = request.POST.getlist("id")
    return {"ids": [number(pk) for pk in ticked]} if ticked else decoded(request.POST.get("select"))


def _left_out(request: Request, selection: Selection | None) -> LeftOut | None:
    """Which of the ticked customers are not there any more, since the list was read."""
    select = _select(request) if selection else None
    return left_out(request.actor, selection, select["ids"]) if selection and select and "ids" in select else None


def _page(actor: Actor, action: Action, selection: Selection | None) -> str:
    """The page that an action has instead of the dialog; one about a single customer carries its id."""
    if action.reach is Reach.NONE or selection is None or not isinstance(action, Change):
        return reverse(action.page)
    return reverse(action.page, args=[among(action.rows(actor), selection).values_list("pk", flat=True)[0]])


def _form(
    request: Request,
    action: Action,
    selection: Selection | None,
    *,
    error: InvalidParams | None = None,
    begun: Mapping[str, Any] | None = None,
) -> HttpResponse:
    form = dressed(action.Params, request, error, begun=begun or {})
    if selection is not None and isinstance(action, Change):
        action.offer(form, among(action.rows(request.actor), selection))
    shown = {
        "state": "form",
        "form": form,
        "errors": form.elsewhere,
        "straight": isinstance(action, Export),
        "can_go_on": selection is not None or not isinstance(action, Change),
        "key": uuid.uuid4(),
    }
    return _show(request, action, selection, shown, status=error.status if error else 200)


def _preview(
    request: Request,
    action: Action,
    selection: Selection | None,
    raw: dict[str, Any],
    *,
    error: InvalidParams | None = None,
) -> HttpResponse:
    select = _ticket(selection)
    found = preview(request.actor, action, select=select, raw=raw, now=timezone.now())
    names = naming(request.actor)
    shown = {
        "state": "preview",
        "preview": found,
        "label": action.sentence(found.params),
        "already": [reason for reason in found.reasons if reason.harmless],
        "refused": [reason for reason in found.reasons if not reason.harmless],
        **_counts(found),
        "sample": [
            {"customer": row["customer"], "differences": differences(row["before"], row["after"], names)}
            for row in found.sample
        ],
        **(planned(request, found.plan) if found.plan else {}),
        "problems": found.problems[:LISTED],
        "params": json.dumps(raw),
        "has_form": bool(action.Params.base_fields),
        "confirm_errors": error.errors.get("confirm", ()) if error else (),
        "key": uuid.uuid4(),
    }
    return _show(request, action, selection, shown, status=error.status if error else 200)


def _counts(found: Preview) -> dict[str, int]:
    return {"already_count": found.already, "refused_count": found.refused - found.already}


def _refused(request: Request, action: Action, raw: dict[str, Any] | None, error: InvalidParams) -> HttpResponse:
    """A wrong number leads back to the preview, everything else to the form."""
    selection = None
    try:
        selection = _selected(request, action)
        if "confirm" in error.errors and raw is not None:
            return _preview(request, action, selection, raw, error=error)
    except InvalidParams as worse:
        error = worse
    return _form(request, action, selection, error=error)


def _ticket(selection: Selection | None) -> dict[str, str] | None:
    return {"ticket": str(selection.logical_id)} if selection else None


def _show(
    request: Request, action: Action, selection: Selection | None, shown: dict[str, Any], *, status: int
) -> HttpResponse:
    count = selection.count if selection else 0
    names: list[str] = []
    if selection and count == NAMED and isinstance(action, Change):
        with action.within(place_of(request.actor)):
            names = list(among(action.rows(request.actor), selection).values_list("name", flat=True))
    context = {
        "label": action.label_for(request.actor),
        **shown,
        "action": action,
        "count": count,
        "left_out": _left_out(request, selection),
        "name": names[0] if names else "",
        "select": json.dumps(_ticket(selection)),
    }
    template = select_template([f"actions/{action.slug}.html", "actions/_dialog.html"])
    return render(request, template.template.name, context, status=status)
