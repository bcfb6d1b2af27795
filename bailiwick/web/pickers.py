"""Type-ahead pickers: the server answers with at most 20 options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bailiwick.engine.configuration.clone import blocked
from bailiwick.engine.listing.lookup import SOURCES, lookup

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


@require_safe
def pick(request: Request, what: str) -> HttpResponse:
    """Lists the options of the actor's own scope."""
    if what not in SOURCES:
        raise Http404
    typed = request.GET.get("q", "").replace("\0", "")
    found = lookup(request.actor, what, typed)
    notes = blocked([pk for pk, _name in found]) if what == "templates" else {}
    options = [(pk, name, notes.get(pk, "")) for pk, name in found]
    offers_none = what == "partners" and "none" in request.GET
    return render(request, "_options.html", {"options": options, "typed": typed, "none": offers_none})
