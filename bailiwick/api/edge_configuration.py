"""The configuration of an edge over REST: its profile, what it says otherwise itself, and what its device gets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from bailiwick.access.opening import open_customer
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import edges_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, precondition
from bailiwick.api.paging import one_of
from bailiwick.api.user_shapes import body_of
from bailiwick.engine.configuration.edges import configure, settings_of
from bailiwick.engine.configuration.effective import effective
from bailiwick.engine.configuration.kinds import EDGE_SETTINGS
from bailiwick.engine.configuration.schema import schema_of
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet.assignment import running

if TYPE_CHECKING:
    from bailiwick.models import ConfigurationObject, Edge

router = Router(tags=["Configuration"])
BODY: dict[str, dict[str, Any]] = {
    "profile_id": {"type": ["integer", "null"], "minimum": 1, "description": "The local id of a profile."},
    "overrides": {name: value for name, value in schema_of(EDGE_SETTINGS).items() if name != "$schema"},
}
MOST_ID = 2**31


class RunningOut(Schema):
    """What the device says that it runs, what is present, and since when it has said so."""

    version: str
    present: str
    is_present: bool
    since: datetime | None


class EdgeConfigurationOut(Schema):
    """`local_id`: of the edge's own settings, whose past stands among the customer's configuration."""

    profile_id: int | None
    overrides: dict[str, Any]
    local_id: int | None
    version: int
    effective: dict[str, Any]
    running: RunningOut | None


@router.get("/edges/{int:edge_id}/configuration", response=EdgeConfigurationOut)
def read(request: Call, edge_id: int, response: HttpResponse) -> Any:
    """What is chosen for the edge, and what its device gets of it. Its ETag is for If-Match of PATCH."""
    edge = _edge(request, edge_id)
    return _told(edge, settings_of(request.auth, edge), response)


@router.patch("/edges/{int:edge_id}/configuration", response=EdgeConfigurationOut, openapi_extra=body_of(BODY))
def change(request: Call, edge_id: int, response: HttpResponse) -> Any:
    """Chooses the profile, or all that the edge says otherwise; every fault is told with its place. Stale: 412."""
    edge, version = _edge(request, edge_id), if_match(request)
    request.auth.require(Permission.CONFIGURATION_UPDATE)
    given = read_body(request, known=tuple(BODY))
    row = settings_of(request.auth, edge)
    overrides = given.get("overrides", row.body if row else {})
    seen = version if version is not None else row.version if row else 0
    try:
        written = configure(
            request.auth, edge.pk, profile_id=_profile(given, row), overrides=overrides, version=seen,
            now=timezone.now(),
        )  # fmt: skip
    except InvalidParams as error:
        raise precondition(error, header=version is not None) from None
    return _told(edge, written, response)


def _profile(given: dict[str, Any], row: ConfigurationObject | None) -> int | None:
    found = given.get("profile_id", row.parent_id if row else None)
    if found is not None and (type(found) is not int or not 0 < found < MOST_ID):
        raise InvalidParams.one("profile_id", "wrong_type", _("This has the wrong type."))
    return found


def _edge(request: Call, edge_id: int) -> Edge:
    request.auth.require(Permission.CONFIGURATION_READ)
    edge = one_of(edges_for(request.auth), edge_id)
    open_customer(request.auth, edge.customer_id)
    return edge


def _told(edge: Edge, row: ConfigurationObject | None, response: HttpResponse) -> dict[str, Any]:
    version, runs = row.version if row else 0, running(edge)
    response["ETag"] = f'"{version}"'
    return {
        "profile_id": row.parent_id if row else None,
        "overrides": row.body if row else {},
        "local_id": row.local_id if row else None,
        "version": version,
        "effective": effective(row),
        "running": {**runs._asdict(), "is_present": runs.is_present} if runs else None,
    }
