"""Custom roles over REST: those of your own home."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access import roles
from bailiwick.access.homes import permission
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import roles_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, tagged
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused, stale_as_precondition
from bailiwick.api.user_shapes import form_body
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.role_form import RoleForm, draft, present

router = Router(tags=["Roles"])


class RoleOut(Schema):
    """A custom role, made from one of ours; `permissions` is all that it may do."""

    id: int
    level: str
    name: str
    base: str
    permissions: list[str]
    created_at: datetime
    version: int


class RolePage(Schema):
    """In the order of ids."""

    data: list[RoleOut]
    next: str | None


@router.get("/roles", response=RolePage)
def listing(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """The custom roles of your own home."""
    require_known(request)
    request.auth.require(Permission.ROLE_READ)
    found, further = page_of(roles_for(request.auth), limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/roles/{int:role_id}", response=RoleOut)
def one(request: Call, role_id: int, response: HttpResponse) -> Any:
    """One of them. Its ETag is for If-Match of PATCH."""
    request.auth.require(Permission.ROLE_READ)
    return tagged(one_of(roles_for(request.auth), role_id), response)


@router.post("/roles", response={201: RoleOut}, openapi_extra=form_body(RoleForm))
def create(request: Call, response: HttpResponse) -> Any:
    """Makes one, where Role Customization is on. It never holds more than you do."""
    actor = request.auth
    actor.require(permission(actor.level, "role"))
    values = clean(RoleForm, read_body(request), actor)
    try:
        made = roles.create(actor, draft(actor, values), now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/roles/{made.pk}"
    return Status(201, tagged(made, response))


@router.patch("/roles/{int:role_id}", response=RoleOut, openapi_extra=form_body(RoleForm, is_partial=True))
def change(request: Call, role_id: int, response: HttpResponse) -> Any:
    """Changes what is given; who has it may do the new things at the next request. A stale If-Match: 412."""
    actor = request.auth
    actor.require(permission(actor.level, "role"))
    row, version = one_of(roles_for(actor), role_id), if_match(request)
    values = clean(RoleForm, {**present(row), **read_body(request)}, actor)
    try:
        changed = roles.update(actor, row.pk, draft(actor, values), version=version or row.version, now=timezone.now())
    except ValidationError as error:
        raise stale_as_precondition(refused(error), header=bool(version)) from None
    return tagged(changed, response)


@router.delete("/roles/{int:role_id}", response={204: None})
def delete(request: Call, role_id: int) -> Any:
    """Removes one that nobody has; while somebody has it: 409."""
    actor = request.auth
    actor.require(permission(actor.level, "role"))
    row = one_of(roles_for(actor), role_id)
    try:
        roles.delete(actor, row.pk, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    return Status(204, None)
