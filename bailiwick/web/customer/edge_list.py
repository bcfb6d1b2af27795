"""The edges of a customer: as a list by name, or as a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import edges_for
from bailiwick.web.customer.edge_map import LOOK_STATES, located, picture, within
from bailiwick.web.customer.edges import ACTIVATIONS, LOOKS
from bailiwick.web.customer.inside import around, opened
from bailiwick.web.world_map import Box

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from bailiwick.models import Edge
    from bailiwick.web.request import Request

AT_ONCE = 50
NOWHERE = "none"
FILTERS = ("search", "state", "after", "box", "place")


@require_safe
def listing(request: Request, customer_id: int) -> HttpResponse:
    """Those with a text in their names, of a state; in the list those of a part of the world too, or of no place."""
    customer = opened(request, customer_id)
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in FILTERS}
    rows = _asked_for(edges_for(request.actor).filter(customer_id=customer.pk), asked)
    kept = {name: asked[name] for name in ("search", "state") if asked[name]}
    part, is_map = Box.read(asked["box"]), request.GET.get("view") == "map"
    context = {
        **around(request.actor, customer, "customer-edges"),
        **kept,
        "here": request.get_full_path(),
        "is_map": is_map,
        "states": [(look, LOOKS[states[0]][1]) for look, states in LOOK_STATES.items()],
        "may_create": request.actor.may(Permission.EDGE_CREATE),
        "urls": _urls(reverse("customer-edges", args=[customer.pk]), kept),
        **(picture(customer, rows, part, kept) if is_map else _page(rows, part, asked, kept)),
    }
    return render(request, "customer/edge_map.html" if is_map else "customer/edges.html", context)


def _asked_for(rows: QuerySet[Edge], asked: dict[str, str]) -> QuerySet[Edge]:
    """A state that there is not is that of no edge."""
    rows = rows.filter(name_key__contains=asked["search"].strip().casefold())
    return rows.filter(state__in=LOOK_STATES.get(asked["state"], [])) if asked["state"] else rows


def _page(rows: QuerySet[Edge], part: Box | None, asked: dict[str, str], kept: dict[str, str]) -> dict[str, Any]:
    after, is_nowhere = asked["after"], asked["place"] == NOWHERE
    rows = within(located(rows), part) if part else rows
    rows = rows.exclude(pk__in=located(rows).values("pk")) if is_nowhere else rows
    rows = rows.filter(name_key__gt=after) if after else rows
    found = list(rows.order_by("name_key")[: AT_ONCE + 1])
    stays = {**kept, **({"box": part.written} if part else {}), **({"place": NOWHERE} if is_nowhere else {})}
    return {
        "edges": [(edge, *LOOKS[edge.state], ACTIVATIONS[edge.activation_state]) for edge in found[:AT_ONCE]],
        "is_first": not after,
        "first": f"?{urlencode(stays)}",
        "next": f"?{urlencode({**stays, 'after': found[AT_ONCE - 1].name_key})}" if len(found) > AT_ONCE else "",
        "part": part,
        "is_nowhere": is_nowhere,
    }


def _urls(here: str, kept: dict[str, str]) -> dict[str, str]:
    """List and map keep what is searched."""
    asked = {"list": kept, "map": {"view": "map", **kept}, "nowhere": {"place": NOWHERE, **kept}}
    return {name: f"{here}?{urlencode(values)}" if values else here for name, values in asked.items()}
