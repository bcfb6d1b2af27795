"""Selections over REST: frozen, quoted by their ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Status

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import selections_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.problems import not_found
from bailiwick.api.record_shapes import SelectionOut
from bailiwick.engine.selection import freeze_living

if TYPE_CHECKING:
    from bailiwick.models import Selection

router = Router(tags=["Records"])


@router.post("/selections", response={201: SelectionOut})
def freeze(request: Call, response: HttpResponse) -> Any:
    """Freezes the customers of `{"ids": …}` or `{"matching": …}` for seven days; later matches do not join."""
    actor = request.auth
    actor.require(Permission.CUSTOMER_READ)
    selection = freeze_living(actor, read_body(request), now=timezone.now())
    response["Location"] = f"/api/v1/selections/{selection.logical_id}"
    return Status(201, _ticket(selection))


@router.get("/selections/{uuid:ticket}", response=SelectionOut)
def selection(request: Call, ticket: UUID) -> Any:
    """A selection of yours."""
    found = selections_for(request.auth).filter(logical_id=ticket).first()
    if found is None:
        raise not_found()
    return _ticket(found)


def _ticket(selection: Selection) -> dict[str, Any]:
    return {
        "ticket": selection.logical_id,
        "count": selection.count,
        "digest": selection.digest,
        "created_at": selection.created_at,
        "expires_at": selection.expires_at,
    }
