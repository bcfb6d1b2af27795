"""Add Operator Profile: the dialog about the ticked partners, and what became of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bailiwick.access.permissions import Permission
from bailiwick.engine import partner_profiles
from bailiwick.engine.forms.form import InvalidParams, raw_values
from bailiwick.engine.listing.partners import chosen
from bailiwick.engine.partner_profiles import AddProfilesForm
from bailiwick.web.dressed import dressed
from bailiwick.web.posted import decoded

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponse:
    """Shows the dialog; posted from it, does it. Who comes by its address chooses in the list first."""
    actor = request.actor
    actor.require(Permission.PARTNER_UPDATE)
    if request.method != "POST":
        return redirect("partners")
    try:
        ids = chosen(actor, decoded(request.POST.get("select")))
    except InvalidParams as error:
        return _dialog(request, [], error)
    if "do" not in request.POST:
        return _dialog(request, ids)
    try:
        raw = raw_values(AddProfilesForm, request.POST, actor)
        verdicts = partner_profiles.add(actor, ids, raw, now=timezone.now())
    except InvalidParams as error:
        return _dialog(request, ids, error)
    gaining = [verdict for verdict in verdicts if not verdict.code]
    words = ngettext("%(count)d partner has more profiles.", "%(count)d partners have more profiles.", len(gaining))
    after = {"toast": {"text": words % {"count": len(gaining)}}, "partners-changed": ""}
    response = _show(request, {"left": [verdict for verdict in verdicts if verdict.code], "is_over": True})
    response["HX-Trigger"] = json.dumps(after if len(gaining) < len(verdicts) else {**after, "close-dialog": ""})
    return response


def _dialog(request: Request, ids: list[int], error: InvalidParams | None = None) -> HttpResponse:
    form: Any = dressed(AddProfilesForm, request, error)
    context = {"form": form, "select": json.dumps({"ids": ids}), "count": len(ids)}
    return _show(request, context, status=error.status if error else 200)


def _show(request: Request, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, "partners/_add_profiles.html", context, status=status)
