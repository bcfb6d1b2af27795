"""Gateway pools over REST: the list, one, making, changing and deleting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Status

from bailiwick.access.gateways import require_change, require_management
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, tagged
from bailiwick.api.gateway_shapes import PoolOut, PoolPage
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused, stale_as_precondition
from bailiwick.api.user_shapes import form_body
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.gateway_form import PoolForm
from bailiwick.fleet.gateway import pools

if TYPE_CHECKING:
    from bailiwick.models import GatewayPool

router = Router(tags=["Gateways"])


@router.get("/gateway-pools", response=PoolPage)
def listing(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """The pools that you may give to customers."""
    require_known(request)
    request.auth.require(Permission.GATEWAY_READ)
    rows = gateway_pools_for(request.auth).prefetch_related("gateways")
    found, further = page_of(rows, limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/gateway-pools/{int:pool_id}", response=PoolOut)
def one(request: Call, pool_id: int, response: HttpResponse) -> Any:
    """One of them. Its ETag is for If-Match of PATCH."""
    request.auth.require(Permission.GATEWAY_READ)
    return tagged(one_of(gateway_pools_for(request.auth), pool_id), response)


@router.post("/gateway-pools", response={201: PoolOut}, openapi_extra=form_body(PoolForm, is_partial=True))
def create(request: Call, response: HttpResponse) -> Any:
    """Makes one; what is left out is as on an empty page."""
    actor = request.auth
    require_management(actor)
    values = clean(PoolForm, {**pools.beginning(), **read_body(request)}, actor)
    try:
        made = pools.create(actor, values, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/gateway-pools/{made.pk}"
    return Status(201, tagged(made, response))


@router.patch("/gateway-pools/{int:pool_id}", response=PoolOut, openapi_extra=form_body(PoolForm, is_partial=True))
def change(request: Call, pool_id: int, response: HttpResponse) -> Any:
    """Changes what is given. A stale If-Match: 412."""
    actor, row = request.auth, _mine(request, pool_id)
    version, given = if_match(request), read_body(request)
    values = clean(PoolForm.of(row), {**pools.facts(row), **given}, actor)
    try:
        changed = pools.update(actor, row.pk, values, version=version or row.version, now=timezone.now())
    except ValidationError as error:
        raise stale_as_precondition(refused(error), header=bool(version)) from None
    return tagged(changed, response)


@router.delete("/gateway-pools/{int:pool_id}", response={204: None})
def delete(request: Call, pool_id: int) -> Any:
    """Removes one that nobody uses; while somebody does: 409, which says who."""
    row = _mine(request, pool_id)
    try:
        pools.delete(request.auth, row.pk, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    return Status(204, None)


def _mine(request: Call, pool_id: int) -> GatewayPool:
    """One that the caller may change."""
    require_management(request.auth)
    row = one_of(gateway_pools_for(request.auth), pool_id)
    require_change(request.auth, row)
    return row
