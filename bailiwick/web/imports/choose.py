"""The first page: which file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import sheet, upload

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.web.request import Request

MEGABYTE = 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: Request) -> HttpResponse:
    """Shows the page; a POST keeps the file and goes on to its columns."""
    admitted(request.actor)
    try:
        if request.method == "POST":
            return redirect("import-columns", _stored(request))
    except InvalidParams as error:
        return chosen_badly(request, error)
    return render(request, "imports/choose.html", _limits())


def admitted(actor: Actor) -> Action:
    """The action, where the actor may do it now. Raises NotAllowed."""
    action = MENU["import-customers"]
    actor.require(action.permission)
    action.gate(actor)
    return action


def chosen_badly(request: Request, error: InvalidParams) -> HttpResponse:
    """The page again, with what is wrong with the file."""
    messages = [each["message"] for found in error.errors.values() for each in found]
    return render(request, "imports/choose.html", {**_limits(), "messages": messages}, status=error.status)


def _stored(request: Request) -> object:
    given = request.FILES.get("file")
    if given is None:
        raise InvalidParams.one("file", "required", _("Choose a file."))
    stored = upload.store(request.actor, given.name or "", given.read(), now=timezone.now())
    sheet.read(bytes(stored.content))
    return stored.logical_id


def _limits() -> dict[str, object]:
    return {"megabytes": upload.MOST_BYTES // MEGABYTE, "rows": sheet.MOST_ROWS, "encodings": sheet.ENCODINGS}
