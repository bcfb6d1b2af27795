"""Deleted customers: in the bin for 30 days, with the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bailiwick.access.bin import Deleted, described
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import deleted_customers_for
from bailiwick.actions import MENU
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.web.request import Request

PAGE = 50


class InTheBin(Exception):  # noqa: N818 -- reads as the sentence it is
    """Who asked for this customer may see the bin, and it is there."""

    def __init__(self, found: Deleted) -> None:
        super().__init__()
        self.found = found


def in_the_bin(actor: Actor, customer_id: int) -> Deleted | None:
    """The deleted customer of this id, for who may see the bin."""
    if not actor.may(Permission.CUSTOMER_RESTORE):
        return None
    rows = list(deleted_customers_for(actor).filter(pk=customer_id))
    return next(iter(described(actor, rows, timezone.now())), None)


@require_safe
def deleted(request: Request) -> HttpResponse:
    """Shows the bin, what was deleted last on top."""
    actor = request.actor
    actor.require(Permission.CUSTOMER_RESTORE)
    offset = whole_number(request.GET.get("from"))
    rows = deleted_customers_for(actor).select_related("partner").order_by("-deleted_at", "-pk")
    found = list(rows[offset : offset + PAGE + 1])
    context = {
        "rows": described(actor, found[:PAGE], timezone.now()),
        "older": offset + PAGE if len(found) > PAGE else None,
        "offset": offset,
        "restore": MENU["restore-customer"],
        "rename": MENU["restore-under-new-name"],
    }
    return render(request, "bin/_rows.html" if request.htmx else "bin/page.html", context)
