"""Software images over REST: the list, one, making one known, deprecating and removing it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import software_images_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused
from bailiwick.api.user_shapes import form_body
from bailiwick.engine import image_files, software_images
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.forms.software_image_form import DeprecationForm, SoftwareImageForm

PIECE = 64 * 1024
FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}
router = Router(tags=["Software images"])


class SoftwareImageOut(Schema):
    """A software version that operator profiles bring to edges; a deprecated one is offered nowhere."""

    id: int
    logical_id: UUID
    name: str
    version: str
    build_number: str
    device_family: str
    deprecated: bool
    sha256: str
    size: int


class SoftwareImagePage(Schema):
    """In the order of ids."""

    data: list[SoftwareImageOut]
    next: str | None


@router.get("/software-images", response=SoftwareImagePage)
def listing(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """Every image."""
    require_known(request)
    request.auth.require(Permission.OPERATOR_PROFILE_READ)
    found, further = page_of(software_images_for(request.auth), limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/software-images/{int:image_id}", response=SoftwareImageOut)
def one(request: Call, image_id: int) -> Any:
    """One of them."""
    request.auth.require(Permission.OPERATOR_PROFILE_READ)
    return one_of(software_images_for(request.auth), image_id)


@router.post("/software-images", response={201: SoftwareImageOut}, openapi_extra=form_body(SoftwareImageForm))
def create(request: Call, response: HttpResponse) -> Any:
    """Makes one known."""
    actor = request.auth
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    values = clean(SoftwareImageForm, read_body(request), actor)
    try:
        made = software_images.create(actor, software_images.Draft(**values), now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/software-images/{made.pk}"
    return Status(201, made)


@router.put("/software-images/{int:image_id}/file", response=SoftwareImageOut, openapi_extra=FILE)
def give_file(request: Call, image_id: int) -> Any:
    """Gives it its file, a ZIP archive with a manifest.json; once."""
    actor = request.auth
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    row = one_of(software_images_for(actor), image_id)
    try:
        pieces = iter(partial(request.read, PIECE), b"")
        return image_files.give(actor, row.pk, pieces, home=settings.HOME, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None


@router.patch(
    "/software-images/{int:image_id}",
    response=SoftwareImageOut,
    openapi_extra=form_body(DeprecationForm, is_partial=True),
)
def change(request: Call, image_id: int) -> Any:
    """Deprecates it, or offers it again; nothing else of an image changes."""
    actor = request.auth
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    row, given = one_of(software_images_for(actor), image_id), read_body(request)
    values = clean(DeprecationForm, given, actor)
    if "deprecated" not in given:
        raise InvalidParams.one("deprecated", "required", _("Say whether it is deprecated."))
    return software_images.deprecate(actor, row.pk, deprecated=values["deprecated"], now=timezone.now())


@router.delete("/software-images/{int:image_id}", response={204: None})
def delete(request: Call, image_id: int) -> Any:
    """Removes one that no profile brings; while one does: 409."""
    actor = request.auth
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    row = one_of(software_images_for(actor), image_id)
    try:
        software_images.delete(actor, row.pk, home=settings.HOME, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    return Status(204, None)
