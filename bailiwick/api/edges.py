"""Edges over REST: the list, making one for a customer, its keys, its alerts, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for, edges_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.edge_shapes import EdgeOut, EdgePage, KeyOut, NewEdgeOut
from bailiwick.api.freshness import if_match, tagged
from bailiwick.api.paging import After, Id, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused, stale_as_precondition
from bailiwick.api.user_shapes import form_body
from bailiwick.engine.forms.edge_form import EdgeChangeForm, EdgeForm, EdgeLicenceForm, KeyMailForm, ReactivationForm
from bailiwick.engine.forms.form import clean
from bailiwick.fleet import issuing, provisioning
from bailiwick.fleet.licensing import give_licence

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.fleet.issuing import Issued

router = Router(tags=["Edges"])


@router.get("/edges", response=EdgePage)
def edges(request: Call, customer: Annotated[Id | None, Query()] = None, limit: Limit = 50, after: After = None) -> Any:
    """The edges of your portal, or of one customer."""
    require_known(request, "customer")
    rows = edges_for(request.auth).select_related("customer")
    rows = rows.filter(customer_id=customer) if customer else rows
    found, further = page_of(rows, limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/edges/{int:edge_id}", response=EdgeOut)
def edge(request: Call, edge_id: int, response: HttpResponse) -> Any:
    """One edge. Its ETag is for If-Match of PATCH."""
    return tagged(one_of(edges_for(request.auth).select_related("customer"), edge_id), response)


@router.post("/customers/{int:customer_id}/edges", response={201: NewEdgeOut}, openapi_extra=form_body(EdgeForm))
def create(request: Call, customer_id: int, response: HttpResponse) -> Any:
    """Makes an edge, and a key that makes a device this edge, once."""
    actor = request.auth
    actor.require(Permission.EDGE_CREATE)
    one_of(customers_for(actor), customer_id)
    edge, issued = provisioning.provision(actor, customer_id, read_body(request), now=timezone.now())
    response["Location"] = f"/api/v1/edges/{edge.pk}"
    told = {name: getattr(edge, name) for name in EdgeOut.model_fields}
    return Status(201, {**told, "activation": _told(issued)})


@router.post(
    "/edges/{int:edge_id}/activation-key",
    response={201: KeyOut},
    openapi_extra=form_body(KeyMailForm, is_partial=True),
)
def new_key(request: Call, edge_id: int) -> Any:
    """A new key; the one before dies. With `email` it is mailed there too."""
    actor, body = request.auth, read_body(request)
    actor.require(Permission.EDGE_UPDATE)
    edge = one_of(edges_for(actor), edge_id)
    mail_to = clean(KeyMailForm, body, actor)["email"] if body else ""
    return Status(201, _told(_done(lambda: issuing.issue(actor, edge.pk, now=timezone.now(), mail_to=mail_to))))


@router.post("/edges/{int:edge_id}/reactivation", response={201: KeyOut}, openapi_extra=form_body(ReactivationForm))
def reactivation(request: Call, edge_id: int) -> Any:
    """A key for the device that takes the place of the present one, which goes on until then."""
    actor = request.auth
    actor.require(Permission.EDGE_UPDATE)
    edge = one_of(edges_for(actor), edge_id)
    given = clean(ReactivationForm, read_body(request), actor)
    serial, model, now = given["serial_number"], given["model"], timezone.now()
    return Status(
        201, _told(_done(lambda: issuing.request_reactivation(actor, edge.pk, serial=serial, model=model, now=now)))
    )


@router.delete("/edges/{int:edge_id}/activation-key", response={204: None})
def cancel(request: Call, edge_id: int) -> Any:
    """The open key dies; an edge that waited for another device keeps the one it has."""
    actor = request.auth
    actor.require(Permission.EDGE_UPDATE)
    edge = one_of(edges_for(actor), edge_id)
    _done(lambda: issuing.cancel(actor, edge.pk, now=timezone.now()))
    return Status(204, None)


@router.patch("/edges/{int:edge_id}", response=EdgeOut, openapi_extra=form_body(EdgeChangeForm, is_partial=True))
def change(request: Call, edge_id: int, response: HttpResponse) -> Any:
    """Changes what is given: name and place, who is told of it, its own software (null: the default). Stale: 412."""
    actor, body, version = request.auth, read_body(request), if_match(request)
    actor.require(Permission.EDGE_UPDATE)
    edge = one_of(edges_for(actor), edge_id)
    values = clean(EdgeChangeForm, {"name": edge.name, **body}, actor)
    given = {name: value for name, value in values.items() if name in body}
    try:
        changed = provisioning.change(actor, edge.pk, given, now=timezone.now(), version=version)
    except ValidationError as error:
        raise stale_as_precondition(refused(error), header=version is not None) from None
    return tagged(changed, response)


@router.put("/edges/{int:edge_id}/licence", response=EdgeOut, openapi_extra=form_body(EdgeLicenceForm))
def change_licence(request: Call, edge_id: int) -> Any:
    """Gives the edge another licence of its customer."""
    actor = request.auth
    actor.require(Permission.EDGE_UPDATE)
    edge = one_of(edges_for(actor), edge_id)
    chosen = clean(EdgeLicenceForm, read_body(request), actor)["licence"]
    return give_licence(actor, edge.pk, chosen, now=timezone.now())


@router.post("/edges/{int:edge_id}/deactivate", response={204: None})
def deactivate(request: Call, edge_id: int) -> Any:
    """Its device is an edge no more; a new key can make another device this edge."""
    read_body(request, known=())
    actor = request.auth
    actor.require(Permission.EDGE_UPDATE)
    edge = one_of(edges_for(actor), edge_id)
    _done(lambda: provisioning.deactivate(actor, edge.pk, now=timezone.now()))
    return Status(204, None)


@router.delete("/edges/{int:edge_id}", response={204: None})
def delete(request: Call, edge_id: int) -> Any:
    """Removes it. One that is connected has to be deactivated first: 409."""
    actor = request.auth
    actor.require(Permission.EDGE_DELETE)
    edge = one_of(edges_for(actor), edge_id)
    _done(lambda: provisioning.delete(actor, edge.pk, now=timezone.now()))
    return Status(204, None)


def _done(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except ValidationError as error:
        raise refused(error) from None


def _told(issued: Issued) -> dict[str, Any]:
    url, pin = issuing.device_door()
    return {**issued._asdict(), "url": url, "pin": pin}
