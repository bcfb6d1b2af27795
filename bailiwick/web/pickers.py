"""Type-ahead pickers: the server answers with at most 20 options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

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
    options = lookup(request.actor, what, typed)
    return render(request, "_options.html", {"options": options, "typed": typed, "none": "none" in request.GET})
