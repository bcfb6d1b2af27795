"""Diagnostic bundles over REST: what edges are asked to tell of themselves, and the files that came."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import FileResponse, HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access.diagnostics import bundles_for
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import edges_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.problems import not_found
from bailiwick.api.refused import refused
from bailiwick.api.user_shapes import form_body
from bailiwick.engine.forms.edge_form import DiagnosticsForm
from bailiwick.engine.forms.form import clean
from bailiwick.fleet.diagnostics import asking

router = Router(tags=["Edges"])
BINARY = {"responses": {200: {"description": "The file", "content": {asking.MEDIA_TYPE: {}}}}}


class BundleOut(Schema):
    """What an edge was asked for: a plain bundle, or a capture of an interface for some seconds. Kept for 7 days."""

    id: int
    logical_id: UUID
    edge_id: int
    customer_id: int
    kind: str
    interface: str
    seconds: int
    state: str
    why: str
    size: int
    sha256: str
    requested_at: datetime
    ended_at: datetime | None


class BundlePage(Schema):
    """In the order of ids."""

    data: list[BundleOut]
    next: str | None


@router.get("/edges/{int:edge_id}/diagnostic-bundles", response=BundlePage)
def bundles(request: Call, edge_id: int, limit: Limit = 50, after: After = None) -> Any:
    """Those of an edge."""
    require_known(request)
    request.auth.require(Permission.EDGE_DIAGNOSE)
    edge = one_of(edges_for(request.auth), edge_id)
    found, further = page_of(bundles_for(request.auth).filter(edge=edge), limit=limit, after=after)
    return {"data": found, "next": further}


@router.post(
    "/edges/{int:edge_id}/diagnostic-bundles", response={201: BundleOut}, openapi_extra=form_body(DiagnosticsForm)
)
def request_bundle(request: Call, edge_id: int, response: HttpResponse) -> Any:
    """Asks the edge for one; it hears that with its next heartbeat. Under PCI compliance no capture: 409."""
    actor = request.auth
    actor.require(Permission.EDGE_DIAGNOSE)
    edge = one_of(edges_for(actor), edge_id)
    given = clean(DiagnosticsForm, read_body(request), actor)
    try:
        row = asking.request(actor, edge.pk, given, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/diagnostic-bundles/{row.pk}"
    return Status(201, row)


@router.get("/diagnostic-bundles/{int:bundle_id}", response=BundleOut)
def bundle(request: Call, bundle_id: int) -> Any:
    """One of them: requested, complete, failed, expired, or refused."""
    request.auth.require(Permission.EDGE_DIAGNOSE)
    return one_of(bundles_for(request.auth), bundle_id)


@router.get("/diagnostic-bundles/{int:bundle_id}/file", openapi_extra=BINARY)
def file(request: Call, bundle_id: int) -> Any:
    """The file of a complete one: .tar.gz, or .pcap of a capture."""
    request.auth.require(Permission.EDGE_DIAGNOSE)
    try:
        taken = asking.download(request.auth, bundle_id, home=settings.HOME, now=timezone.now())
    except ObjectDoesNotExist:
        raise not_found() from None
    return FileResponse(taken.content, as_attachment=True, filename=taken.name, content_type=asking.MEDIA_TYPE)


@router.delete("/diagnostic-bundles/{int:bundle_id}", response={204: None})
def delete(request: Call, bundle_id: int) -> Any:
    """The request is withdrawn, or the file is gone."""
    request.auth.require(Permission.EDGE_DIAGNOSE)
    row = one_of(bundles_for(request.auth), bundle_id)
    asking.delete(request.auth, row.pk, home=settings.HOME, now=timezone.now())
    return Status(204, None)
