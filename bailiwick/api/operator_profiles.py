"""Operator profiles over REST: the list, one, making, changing and deleting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import operator_profiles_for
from bailiwick.actions import MENU
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, tagged
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused, stale_as_precondition
from bailiwick.api.user_shapes import body_of, form_body
from bailiwick.engine import operator_profiles, profile_removal
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.operator_profile_form import OperatorProfileForm, draft, present

if TYPE_CHECKING:
    from bailiwick.models import OperatorProfile

REMOVING = "unassign-operator-profile"
router = Router(tags=["Operator profiles"])


class OperatorProfileOut(Schema):
    """The settings and the software image that customers' edges get."""

    id: int
    logical_id: UUID
    name: str
    description: str
    kind: str
    image_id: int | None
    orchestrator_address: str
    heartbeat_seconds: int
    version: int


class OperatorProfilePage(Schema):
    """In the order of ids."""

    data: list[OperatorProfileOut]
    next: str | None


class RemovalOut(Schema):
    """The job that takes it from customers, how many partners lost it, how many keep it for their customers."""

    job: int | None
    partners: int
    kept: int


@router.get("/operator-profiles", response=OperatorProfilePage)
def listing(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """Those that you may give to customers."""
    require_known(request)
    request.auth.require(Permission.OPERATOR_PROFILE_READ)
    found, further = page_of(operator_profiles_for(request.auth), limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/operator-profiles/{int:profile_id}", response=OperatorProfileOut)
def one(request: Call, profile_id: int, response: HttpResponse) -> Any:
    """One of them. Its ETag is for If-Match of PATCH."""
    request.auth.require(Permission.OPERATOR_PROFILE_READ)
    return tagged(one_of(operator_profiles_for(request.auth), profile_id), response)


@router.post("/operator-profiles", response={201: OperatorProfileOut}, openapi_extra=form_body(OperatorProfileForm))
def create(request: Call, response: HttpResponse) -> Any:
    """Makes one."""
    actor = request.auth
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    values = clean(OperatorProfileForm, read_body(request), actor)
    try:
        made = operator_profiles.create(actor, draft(values), now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/operator-profiles/{made.pk}"
    return Status(201, tagged(made, response))


@router.patch(
    "/operator-profiles/{int:profile_id}",
    response=OperatorProfileOut,
    openapi_extra=form_body(OperatorProfileForm, is_partial=True),
)
def change(request: Call, profile_id: int, response: HttpResponse) -> Any:
    """Changes what is given. A stale If-Match: 412."""
    actor = request.auth
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    row, version, given = one_of(operator_profiles_for(actor), profile_id), if_match(request), read_body(request)
    values = _whole(row, given, clean(OperatorProfileForm, _begun(row, given), actor))
    try:
        changed = operator_profiles.update(
            actor, row.pk, draft(values), version=version or row.version, now=timezone.now()
        )
    except ValidationError as error:
        raise stale_as_precondition(refused(error), header=bool(version)) from None
    return tagged(changed, response)


@router.delete("/operator-profiles/{int:profile_id}", response={204: None})
def delete(request: Call, profile_id: int) -> Any:
    """Removes one that nobody has; while somebody has it: 409."""
    actor = request.auth
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    row = one_of(operator_profiles_for(actor), profile_id)
    try:
        operator_profiles.delete(actor, row.pk, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    return Status(204, None)


@router.post(
    "/operator-profiles/{int:profile_id}/remove",
    response=RemovalOut,
    openapi_extra=body_of({"confirm": {"type": "integer", "minimum": 0}}, "confirm"),
)
def remove(request: Call, profile_id: int) -> Any:
    """Takes it off all customers that may choose it and all partners; `confirm` is the number of both together."""
    actor = request.auth
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    row = one_of(operator_profiles_for(actor), profile_id)
    confirm = read_body(request, known=("confirm",)).get("confirm")
    number = confirm if type(confirm) is int else None
    found = profile_removal.remove(actor, MENU[REMOVING], row.pk, confirm=number, now=timezone.now())  # type: ignore[arg-type]
    return {"job": found.job.pk if found.job else None, "partners": found.partners, "kept": found.kept}


def _begun(row: OperatorProfile, given: dict[str, Any]) -> dict[str, Any]:
    """What is not given stays; an image that was deprecated meanwhile could not be given again."""
    kept = {name: value for name, value in present(row).items() if name not in ("image", "image_id")}
    return {**kept, **given}


def _whole(row: OperatorProfile, given: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return values if "image" in given else {**values, "image": row.image}
