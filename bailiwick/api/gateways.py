"""Gateways over REST: the list, making and changing one, its key, its end, and quiescing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from bailiwick.access.gateways import gateways_for, require_change, require_management
from bailiwick.access.permissions import Permission
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.edge_shapes import KeyOut
from bailiwick.api.freshness import if_match, tagged
from bailiwick.api.gateway_shapes import GatewayOut, GatewayPage, NewGatewayOut
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused, stale_as_precondition
from bailiwick.api.user_shapes import body_of, form_body
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.gateway_form import GatewayForm, QuiesceForm
from bailiwick.fleet.gateway import keys, provisioning, quiescing
from bailiwick.fleet.gateway.listing import found as gateways_found
from bailiwick.fleet.issuing import device_door

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.fleet.issuing import Issued
    from bailiwick.models import Gateway

NOTHING = body_of({})
router = Router(tags=["Gateways"])


@router.get("/gateways", response=GatewayPage)
def listing(
    request: Call,
    search: Annotated[str, Query(max_length=255)] = "",
    state: Annotated[str, Query(max_length=32)] = "",
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """The gateways that you see; `state` is what the list shows."""
    require_known(request, "search", "state")
    request.auth.require(Permission.GATEWAY_READ)
    rows, further = page_of(gateways_found(request.auth, search=search, state=state), limit=limit, after=after)
    return {"data": rows, "next": further}


@router.get("/gateways/{int:gateway_id}", response=GatewayOut)
def one(request: Call, gateway_id: int, response: HttpResponse) -> Any:
    """One of them. Its ETag is for If-Match of PATCH."""
    request.auth.require(Permission.GATEWAY_READ)
    return tagged(one_of(gateways_for(request.auth), gateway_id), response)


@router.post("/gateways", response={201: NewGatewayOut}, openapi_extra=form_body(GatewayForm, is_partial=True))
def create(request: Call, response: HttpResponse) -> Any:
    """Makes one, and a key that makes a device this gateway, once; what is left out is as on an empty page."""
    actor = request.auth
    require_management(actor)
    values = clean(GatewayForm, {**provisioning.beginning(), **read_body(request)}, actor)
    row, issued = _done(lambda: provisioning.provision(actor, values, now=timezone.now()))
    response["Location"] = f"/api/v1/gateways/{row.pk}"
    return Status(201, {"gateway": row, "activation": _told(issued)})


@router.patch("/gateways/{int:gateway_id}", response=GatewayOut, openapi_extra=form_body(GatewayForm, is_partial=True))
def change(request: Call, gateway_id: int, response: HttpResponse) -> Any:
    """Changes what is given. A stale If-Match: 412."""
    actor, row = request.auth, _mine(request, gateway_id)
    version, given = if_match(request), read_body(request)
    values = clean(GatewayForm.of(row), {**provisioning.facts(row), **given}, actor)
    try:
        changed = provisioning.change(actor, row.pk, values, version=version or row.version, now=timezone.now())
    except ValidationError as error:
        raise stale_as_precondition(refused(error), header=bool(version)) from None
    return tagged(changed, response)


@router.delete("/gateways/{int:gateway_id}", response={204: None})
def delete(request: Call, gateway_id: int) -> Any:
    """Removes one that nothing uses; while something does: 409, which says what."""
    row = _mine(request, gateway_id)
    _done(lambda: provisioning.delete(request.auth, row.pk, now=timezone.now()))
    return Status(204, None)


@router.post("/gateways/{int:gateway_id}/activation-key", response={201: KeyOut}, openapi_extra=NOTHING)
def new_key(request: Call, gateway_id: int) -> Any:
    """A new key; the one before dies, and the present device goes on until another uses it."""
    row = _mine(request, gateway_id)
    read_body(request, known=())
    return Status(201, _told(_done(lambda: keys.issue(request.auth, row.pk, now=timezone.now()))))


@router.post("/gateways/{int:gateway_id}/deactivate", response=GatewayOut, openapi_extra=NOTHING)
def deactivate(request: Call, gateway_id: int) -> Any:
    """Its device is a gateway no more."""
    row = _mine(request, gateway_id)
    read_body(request, known=())
    _done(lambda: provisioning.deactivate(request.auth, row.pk, now=timezone.now()))
    return one_of(gateways_for(request.auth), row.pk)


@router.get("/gateways/{int:gateway_id}/replacements", response=list[GatewayOut])
def replacements(request: Call, gateway_id: int) -> Any:
    """Which can take its place when it is quiesced."""
    require_known(request)
    request.auth.require(Permission.GATEWAY_QUIESCE)
    return list(quiescing.replacements(one_of(gateways_for(request.auth), gateway_id)))


@router.post("/gateways/{int:gateway_id}/quiesce", response=GatewayOut, openapi_extra=form_body(QuiesceForm))
def quiesce(request: Call, gateway_id: int) -> Any:
    """No new edge comes to it; those that it has stay until the deadline, and then go to the replacement."""
    request.auth.require(Permission.GATEWAY_QUIESCE)
    row = one_of(gateways_for(request.auth), gateway_id)
    given = clean(QuiesceForm, read_body(request), request.auth)
    return _done(lambda: quiescing.quiesce(request.auth, row.pk, **given, now=timezone.now()))


@router.post("/gateways/{int:gateway_id}/resume", response=GatewayOut, openapi_extra=NOTHING)
def resume(request: Call, gateway_id: int) -> Any:
    """A quiesced gateway is in service again."""
    request.auth.require(Permission.GATEWAY_QUIESCE)
    row = one_of(gateways_for(request.auth), gateway_id)
    read_body(request, known=())
    return _done(lambda: quiescing.resume(request.auth, row.pk, now=timezone.now()))


def _mine(request: Call, gateway_id: int) -> Gateway:
    """One that the caller may change."""
    require_management(request.auth)
    row = one_of(gateways_for(request.auth), gateway_id)
    require_change(request.auth, row)
    return row


def _told(issued: Issued) -> dict[str, Any]:
    url, pin = device_door()
    return {**issued._asdict(), "url": url, "pin": pin}


def _done(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except ValidationError as error:
        raise refused(error) from None
