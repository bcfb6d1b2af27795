"""Deleting the ticked partners: what stands in the way of each, the typed number, and what became of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bailiwick.access.permissions import Permission
from bailiwick.engine import partner_removal
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.partners import chosen
from bailiwick.web.posted import decoded, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from bailiwick.engine.partner_removal import Verdict
    from bailiwick.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request) -> HttpResponse:
    """Shows what would happen; with the typed number, does it. Who comes by its address chooses in the list first."""
    request.actor.require(Permission.PARTNER_DELETE)
    if request.method != "POST":
        return redirect("partners")
    ids: list[int] = []
    try:
        ids = chosen(request.actor, decoded(request.POST.get("select")))
        if "confirm" not in request.POST:
            return _dialog(request, partner_removal.judge(request.actor, ids))
        confirm = number(request.POST.get("confirm"))
        verdicts = partner_removal.delete(request.actor, ids, confirm=confirm, now=timezone.now())
    except InvalidParams as error:
        problems = [each["message"] for found in error.errors.values() for each in found]
        verdicts = partner_removal.judge(request.actor, ids) if ids else []
        return _dialog(request, verdicts, problems=problems, status=error.status)
    return _done(request, verdicts)


def _dialog(request: Request, verdicts: Sequence[Verdict], *, status: int = 200, **more: Any) -> HttpResponse:
    select = json.dumps({"ids": [verdict.partner.pk for verdict in verdicts]})
    context = {**_split(verdicts), "count": len(verdicts), "select": select, **more}
    return render(request, "partners/_delete.html", context, status=status)


def _done(request: Request, verdicts: Sequence[Verdict]) -> HttpResponse:
    outcome = _split(verdicts)
    gone = len(outcome["going"])
    text = ngettext("%(count)d partner is deleted.", "%(count)d partners are deleted.", gone) % {"count": gone}
    context = {**outcome, "count": len(verdicts), "is_over": True}
    response = render(request, "partners/_delete.html", context)
    after = {"toast": {"text": text}, "partners-changed": ""}
    response["HX-Trigger"] = json.dumps(after if outcome["staying"] else {**after, "close-dialog": ""})
    return response


def _split(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    return {
        "going": [verdict for verdict in verdicts if not verdict.code],
        "staying": [verdict for verdict in verdicts if verdict.code],
    }
