"""Types of edge licences over REST: the list, and making one known."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access.licences import licence_types_read
from bailiwick.access.permissions import Permission
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused
from bailiwick.api.user_shapes import form_body
from bailiwick.engine import licences
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.licence_form import LicenceTypeForm

router = Router(tags=["Edge licences"])


class LicenceTypeOut(Schema):
    """A type that customers' edges may have; give it by the action update-edge-licences."""

    id: int
    logical_id: UUID
    name: str
    bandwidth_mbps: int
    edition: str
    region: str
    term_months: int


class LicenceTypePage(Schema):
    """In the order of ids."""

    data: list[LicenceTypeOut]
    next: str | None


@router.get("/licence-types", response=LicenceTypePage)
def listing(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """Those that you may give to customers; a customer's own users read those that their edges may have."""
    require_known(request)
    found, further = page_of(licence_types_read(request.auth), limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/licence-types/{int:licence_id}", response=LicenceTypeOut)
def one(request: Call, licence_id: int) -> Any:
    """One of them."""
    return one_of(licence_types_read(request.auth), licence_id)


@router.post("/licence-types", response={201: LicenceTypeOut}, openapi_extra=form_body(LicenceTypeForm))
def create(request: Call, response: HttpResponse) -> Any:
    """Makes one known."""
    actor = request.auth
    actor.require(Permission.LICENCE_MANAGE)
    values = clean(LicenceTypeForm, read_body(request), actor)
    try:
        made = licences.create(actor, values, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/licence-types/{made.pk}"
    return Status(201, made)
