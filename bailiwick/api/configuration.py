"""The configuration of a customer over REST: objects by kind, their schemas, what they said before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status

from bailiwick.access.configuration import configuration_for, past_configuration_for
from bailiwick.access.opening import open_customer
from bailiwick.access.permissions import Permission
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, precondition, tagged
from bailiwick.api.paging import After, Limit, require_known
from bailiwick.api.problems import not_found
from bailiwick.api.user_shapes import body_of
from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.keep import Draft
from bailiwick.engine.configuration.kinds import KINDS, Kind
from bailiwick.engine.configuration.schema import schema_of
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import ConfigurationObject

router = Router(tags=["Configuration"])
BODY: dict[str, dict[str, Any]] = {
    "kind": {"type": "string", "enum": list(KINDS)},
    "name": {"type": "string", "maxLength": 255},
    "body": {"type": "object"},
    "parent_id": {"type": "integer", "minimum": 1},
    "position": {"type": "integer", "minimum": 0, "maximum": 100_000},
}
CHANGES = {name: BODY[name] for name in ("name", "body", "position")}
MOST_POSITION = 100_000


class KindOut(Schema):
    """What an object of this kind may say; `x-refers-to` in its schema marks the local id of another object."""

    slug: str
    label: str
    within: str
    single: bool
    ordered: bool
    of_operator: bool
    travels: str
    blocker: str
    body_schema: dict[str, Any]


class ObjectOut(Schema):
    """`local_id` tells it apart within its customer; `blocker`: why its customer cannot be cloned as it is."""

    local_id: int
    kind: str
    name: str
    parent_id: int | None
    position: int
    body: dict[str, Any]
    blocker: str
    version: int
    updated_at: datetime


class ObjectPage(Schema):
    """In the order of local ids."""

    data: list[ObjectOut]
    next: str | None


class VersionOut(Schema):
    """What it said until `at`."""

    version: int
    name: str
    body: dict[str, Any]
    at: datetime
    actor_name: str


@router.get("/configuration-kinds", response=list[KindOut])
def kinds(request: Call) -> Any:
    """Every kind of object, with its JSON Schema."""
    request.auth.require(Permission.CONFIGURATION_READ)
    return [
        {**kind._asdict(), "label": str(kind.label), "travels": kind.travels.value, "body_schema": schema_of(kind.slug)}
        for kind in KINDS.values()
    ]


@router.get("/customers/{int:customer_id}/configuration", response=ObjectPage)
def listing(
    request: Call,
    customer_id: int,
    kind: Annotated[str | None, Query(description="Only objects of this kind.")] = None,
    parent_id: Annotated[int | None, Query(ge=1, lt=2**31, description="Only parts of this profile.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """The objects of a customer's configuration."""
    require_known(request, "kind", "parent_id")
    rows = configuration_for(_reader(request, customer_id)).filter(customer_id=customer_id)
    rows = rows if kind is None else rows.filter(kind=kind)
    rows = rows if parent_id is None else rows.filter(parent_id=parent_id)
    rows = rows if after is None else rows.filter(local_id__gt=after)
    found = list(rows.order_by("local_id")[: limit + 1])
    return {"data": found[:limit], "next": str(found[limit - 1].local_id) if len(found) > limit else None}


@router.get("/customers/{int:customer_id}/configuration/{int:local_id}", response=ObjectOut)
def one(request: Call, customer_id: int, local_id: int, response: HttpResponse) -> Any:
    """One of them. Its ETag is for If-Match of PATCH."""
    return tagged(_one(_reader(request, customer_id), customer_id, local_id), response)


@router.get("/customers/{int:customer_id}/configuration/{int:local_id}/versions", response=list[VersionOut])
def versions(request: Call, customer_id: int, local_id: int) -> Any:
    """What it said before, the newest first."""
    actor = _reader(request, customer_id)
    row = _one(actor, customer_id, local_id)
    past = past_configuration_for(actor).filter(customer_id=customer_id, local_id=row.local_id)
    return list(past.order_by("-version")[:100])


@router.post(
    "/customers/{int:customer_id}/configuration",
    response={201: ObjectOut},
    openapi_extra=body_of(BODY, "kind", "body"),
)
def create(request: Call, customer_id: int, response: HttpResponse) -> Any:
    """Adds an object; every fault of its body is told with its place."""
    given = read_body(request, known=tuple(BODY))
    kind = _kind(given.get("kind"))
    keep.require(request.auth, kind)
    actor = _opened(request, customer_id)
    made = keep.create(actor, customer_id, kind, _draft(given), now=timezone.now())
    response["Location"] = f"/api/v1/customers/{customer_id}/configuration/{made.local_id}"
    return Status(201, tagged(made, response))


@router.patch(
    "/customers/{int:customer_id}/configuration/{int:local_id}",
    response=ObjectOut,
    openapi_extra=body_of(CHANGES),
)
def change(request: Call, customer_id: int, local_id: int, response: HttpResponse) -> Any:
    """Changes its name, its place or its whole body. A stale If-Match: 412."""
    actor = _reader(request, customer_id)
    row, version = _one(actor, customer_id, local_id), if_match(request)
    keep.require(actor, KINDS[row.kind])
    draft = _draft(read_body(request, known=tuple(CHANGES)), row)
    try:
        changed = keep.update(actor, customer_id, local_id, draft, version=version or row.version, now=timezone.now())
    except InvalidParams as error:
        raise precondition(error, header=bool(version)) from None
    return tagged(changed, response)


@router.delete("/customers/{int:customer_id}/configuration/{int:local_id}", response={204: None})
def delete(request: Call, customer_id: int, local_id: int) -> Any:
    """Removes it with its parts; while another object names it: 409."""
    actor = _reader(request, customer_id)
    row = _one(actor, customer_id, local_id)
    keep.delete(actor, customer_id, row.local_id, now=timezone.now())
    return Status(204, None)


@router.post(
    "/customers/{int:customer_id}/configuration/{int:local_id}/versions/{int:version}/restore", response=ObjectOut
)
def restore(request: Call, customer_id: int, local_id: int, version: int, response: HttpResponse) -> Any:
    """Goes back to what it said then; that is a new version."""
    read_body(request, known=())
    actor = _reader(request, customer_id)
    row = _one(actor, customer_id, local_id)
    keep.require(actor, KINDS[row.kind])
    if version >= row.version:
        raise not_found()
    return tagged(keep.roll_back(actor, customer_id, row.local_id, to=version, now=timezone.now()), response)


def _reader(request: Call, customer_id: int) -> Actor:
    request.auth.require(Permission.CONFIGURATION_READ)
    return _opened(request, customer_id)


def _opened(request: Call, customer_id: int) -> Actor:
    """Raises ObjectDoesNotExist, or NotAllowed where the customer did not let the actor's side in."""
    open_customer(request.auth, customer_id)
    return request.auth


def _one(actor: Actor, customer_id: int, local_id: int) -> ConfigurationObject:
    try:
        return configuration_for(actor).get(customer_id=customer_id, local_id=local_id)
    except (ObjectDoesNotExist, OverflowError):
        raise not_found() from None


def _kind(given: Any) -> Kind:
    if not isinstance(given, str) or given not in KINDS:
        raise InvalidParams.one("kind", "invalid_choice", _("There is no such kind."))
    return KINDS[given]


def _draft(given: dict[str, Any], row: ConfigurationObject | None = None) -> Draft:
    """What is not given stays."""
    name, parent = given.get("name", row.name if row else ""), given.get("parent_id", row.parent_id if row else None)
    position = given.get("position", row.position if row else 0)
    wrong = {
        "name": not isinstance(name, str),
        "parent_id": parent is not None and (type(parent) is not int or not 0 < parent < 2**31),
        "position": type(position) is not int or not 0 <= position <= MOST_POSITION,
    }
    if any(wrong.values()):
        error = {"code": "wrong_type", "message": _("This has the wrong type.")}
        raise InvalidParams({field: [error] for field, is_wrong in wrong.items() if is_wrong})
    return Draft(name, given.get("body", row.body if row else {}), parent, position)
