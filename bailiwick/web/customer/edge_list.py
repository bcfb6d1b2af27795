"""The edges of a customer: as a list by name, or as a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import edges_for
from bailiwick.web.customer.edge_map import located, picture, within
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


@require_safe
def listing(request: Request, customer_id: int) -> HttpResponse:
    """Those whose name holds a text; in the list those of a part of the world too, or of no known place."""
    customer = opened(request, customer_id)
    search, after, box, place = (request.GET.get(name, "").replace("\0", "") for name in FILTERS)
    rows = edges_for(request.actor).filter(customer_id=customer.pk, name_key__contains=search.strip().casefold())
    part, is_map = Box.read(box), request.GET.get("view") == "map"
    context = {
        **around(request.actor, customer, "customer-edges"),
        "search": search,
        "here": request.get_full_path(),
        "is_map": is_map,
        "may_create": request.actor.may(Permission.EDGE_CREATE),
        "urls": _urls(reverse("customer-edges", args=[customer.pk]), search),
        **(picture(customer, rows, part, search) if is_map else _page(rows, part, after, place)),
    }
    return render(request, "customer/edge_map.html" if is_map else "customer/edges.html", context)


FILTERS = ("search", "after", "box", "place")


def _page(rows: QuerySet[Edge], part: Box | None, after: str, place: str) -> dict[str, Any]:
    rows = within(located(rows), part) if part else rows
    rows = rows.exclude(pk__in=located(rows).values("pk")) if place == NOWHERE else rows
    rows = rows.filter(name_key__gt=after) if after else rows
    found = list(rows.order_by("name_key")[: AT_ONCE + 1])
    kept = {**({"box": part.written} if part else {}), **({"place": NOWHERE} if place == NOWHERE else {})}
    return {
        "edges": [(edge, *LOOKS[edge.state], ACTIVATIONS[edge.activation_state]) for edge in found[:AT_ONCE]],
        "is_first": not after,
        "older": found[AT_ONCE - 1].name_key if len(found) > AT_ONCE else "",
        "kept": "".join(f"&{urlencode({name: value})}" for name, value in kept.items()),
        "part": part,
        "is_nowhere": place == NOWHERE,
    }


def _urls(here: str, search: str) -> dict[str, str]:
    """List and map keep what is searched."""
    found = {"search": search} if search else {}
    asked = {"list": found, "map": {"view": "map", **found}, "nowhere": {"place": NOWHERE, **found}}
    return {name: f"{here}?{urlencode(values)}" if values else here for name, values in asked.items()}
