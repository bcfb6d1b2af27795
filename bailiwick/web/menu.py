"""The Actions menu: what this actor's role may do with this many customers, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.action import Reach
from bailiwick.engine.menu import why_pointless
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.web.request import Request


FEW = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; `reason` says why it cannot be used now."""

    action: Action
    label: str
    reason: str
    count: int
    opens_group: bool


@require_GET
def menu(request: Request) -> HttpResponse:
    """Shows the menu for `count` selected customers; `ids` says which they are, where they are few."""
    count = whole_number(request.GET.get("count"))
    ids = [whole_number(pk) for pk in request.GET.get("ids", "").split(",", FEW)[:FEW]]
    return render(request, "actions/_menu.html", {"entries": list(entries(request.actor, count, ids))})


def entries(actor: Actor, count: int, ids: Sequence[int]) -> Iterator[Entry]:
    """The entries in the order of the screen, with a line between two groups."""
    group = None
    for action in MENU.of(actor):
        if not action.in_menu:
            continue
        opens = group is not None and action.group != group
        group = action.group
        takes = count if action.reach is not Reach.NONE else 0
        reason = why_not(actor, action, count) or why_pointless(actor, action, ids)
        yield Entry(action, action.label_for(actor), reason, takes, opens)


@cache
def dialog_of(slug: str) -> str:
    """Where the dialog of an action is."""
    return reverse("action-dialog", args=[slug])


def why_not(actor: Actor, action: Action, count: int) -> str:
    """The reason in words, or nothing where the action can be used."""
    try:
        action.gate(actor)
    except NotAllowed as closed:
        return str(closed.reason)
    if action.reach is Reach.NONE:
        return ""
    if count == 0:
        return _("Select one customer.") if action.reach is Reach.ONE else _("Select at least one customer.")
    if action.reach is Reach.ONE and count > 1:
        return ngettext(
            "Takes one customer; %(count)d is selected.", "Takes one customer; %(count)d are selected.", count
        ) % {"count": count}
    return ""
