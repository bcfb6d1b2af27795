"""Ctrl K: customers, edges, pages and actions in one field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.actions import MENU
from bailiwick.engine.action import Reach
from bailiwick.engine.listing.lookup import find_customers, find_edges
from bailiwick.web.frame import rail_for
from bailiwick.web.menu import dialog_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.web.request import Request

MOST_WORDS = 5


@require_safe
def search(request: Request) -> HttpResponse:
    """The dialog, or, where something is typed, what was found."""
    if "q" not in request.GET:
        return render(request, "_search.html", {})
    typed = " ".join(request.GET["q"].replace("\0", "").split())
    actor: Actor = request.actor
    groups = {name: found for name, found in _found(actor, typed) if found} if typed else {}
    return render(request, "_found.html", {"typed": typed, **groups})


def _found(actor: Actor, typed: str) -> Iterator[tuple[str, list[Any]]]:
    low = typed.casefold()
    yield (
        "pages",
        [{"label": entry.label, "url": url} for entry, url in rail_for(actor) if low in str(entry.label).casefold()],
    )
    yield (
        "actions",
        [
            {"label": action.label, "url": dialog_of(action.slug)}
            for action in MENU.of(actor)
            if action.reach is Reach.NONE and low in str(action.label).casefold()
        ][:MOST_WORDS],
    )
    if actor.may(Permission.CUSTOMER_READ):
        yield "customers", find_customers(actor, typed)
        yield "edges", find_edges(actor, typed)
