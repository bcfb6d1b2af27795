"""Customers over REST: the list with its filters, one customer, and changing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from bailiwick.access.opening import open_customer
from bailiwick.access.scope import customers_for
from bailiwick.actions import MENU
from bailiwick.api.body import idempotency_key, read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, precondition, tagged
from bailiwick.api.paging import Limit, one_of
from bailiwick.api.problems import Problem
from bailiwick.api.record_shapes import CustomerDetailOut, CustomerPage
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing import grid
from bailiwick.engine.listing.jump import page_at
from bailiwick.engine.profiles import to_choose
from bailiwick.engine.submit import submit

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.rows import Row
    from bailiwick.models import Customer

router = Router(tags=["Customers"])
# The one action that is also a resource's own verb: PATCH is Modify Customer.
MODIFY = "modify-customer"
PAGING = ("sort", "limit", "after", "before", "page")
DETAIL = tuple(CustomerDetailOut.model_fields)


@router.get("/customers", response=CustomerPage)
def customers(
    request: Call,
    sort: Annotated[str, Query(description="A column, with - in front for descending.")] = "name",
    limit: Limit = 50,
    after: Annotated[str | None, Query(description="The `next` of the page before.")] = None,
    before: Annotated[str | None, Query(description="The `previous` of the page after.")] = None,
    page: Annotated[int | None, Query(description="A page by its number, instead of after and before.")] = None,
) -> Any:
    """The customers of your portal that match. Every filter of the list works here by its name, such as `search`."""
    raw = {name: value for name, value in request.GET.items() if name not in PAGING}
    if page is None:
        found = grid.page(request.auth, raw, sort=sort, limit=limit, after=after, before=before)
    else:
        found = page_at(request.auth, raw, page, sort=sort, limit=limit)
    return {
        "data": [_listed(row, found.names, request.auth) for row in found.rows],
        "next": found.next,
        "previous": found.previous,
        "count": found.total.count,
        "exact": found.total.exact,
    }


def _listed(row: Row, names: Names, actor: Actor) -> dict[str, Any]:
    partner = names.partners.get(row.partner_id) if row.partner_id else None
    if row.is_closed:
        return {name: value for name, value in row._asdict().items() if value is not None} | {
            "partner_id": row.partner_id,
            "partner": partner,
        }
    pool, profile = names.pools.get(row.gateway_pool_id), names.profiles.get(row.operator_profile_id)
    return {**row._asdict(), **_hidden(actor), "partner": partner, "gateway_pool": pool, "operator_profile": profile}


@router.get("/customers/{int:customer_id}", response=CustomerDetailOut)
def customer(request: Call, customer_id: int, response: HttpResponse) -> Any:
    """One customer, unless it withdrew operator access: 403. Its ETag is for If-Match of PATCH."""
    return _answer(request.auth, open_customer(request.auth, customer_id), response)


@router.patch("/customers/{int:customer_id}", response=CustomerDetailOut)
def modify(request: Call, customer_id: int, response: HttpResponse) -> Any:
    """Changes the given fields. With If-Match, a customer that somebody changed since is left alone: 412."""
    actor = request.auth
    found = _customer(actor, customer_id) if actor.is_operator else open_customer(actor, customer_id)
    raw = read_body(request)
    version = if_match(request)
    raw |= {"version": version} if version else {}
    try:
        job = submit(
            actor,
            MENU.entry(MODIFY),
            select={"ids": [found.pk]},
            raw=raw,
            now=timezone.now(),
            key=idempotency_key(request),
        )
    except InvalidParams as error:
        raise precondition(error, header=bool(version)) from None
    if job.error:
        raise Problem(409, "failed", job.error)
    response["Bailiwick-Job"] = str(job.logical_id)
    return _answer(actor, _customer(actor, customer_id), response)


def _customer(actor: Actor, customer_id: int) -> Customer:
    related = ("stat", "detail", "partner", "gateway_pool", "operator_profile")
    return one_of(customers_for(actor).select_related(*related), customer_id)


def _hidden(actor: Actor) -> dict[str, Any]:
    """What is the operator's own: a customer's users do not see it (MOD-03, domain 1.6)."""
    return {"account_number": "", "operator_alerts_enabled": None} if actor.level == "customer" else {}


def _answer(actor: Actor, found: Customer, response: HttpResponse) -> dict[str, Any]:
    tagged(found, response)
    parts = (found.stat, found.detail, found)
    values = {name: next((getattr(part, name) for part in parts if hasattr(part, name)), None) for name in DETAIL}
    return {
        **values,
        **_hidden(actor),
        "partner": found.partner.name if found.partner else None,
        "gateway_pool": found.gateway_pool.name,
        "operator_profile": found.operator_profile.name,
        "profiles_to_choose": to_choose(found) if found.edge_image_management else [],
    }
