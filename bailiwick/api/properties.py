"""System properties over REST: the values in force, and changing one on a fresh page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from bailiwick.access.permissions import Permission
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.paging import require_known
from bailiwick.api.problems import Problem, not_found
from bailiwick.api.record_shapes import PropertyOut
from bailiwick.engine import properties
from bailiwick.engine.forms.form import InvalidParams

router = Router(tags=["System properties"])


@router.get("/system-properties", response=list[PropertyOut])
def in_force(request: Call) -> Any:
    """Every property with the value in force; there are few, so this has no pages."""
    request.auth.require(Permission.PROPERTY_READ)
    require_known(request, pages=())
    return [_shown(*row) for row in properties.in_force()]


@router.get("/system-properties/{name}", response=PropertyOut)
def one(request: Call, name: str, response: HttpResponse) -> Any:
    """One property. Its ETag is for If-Match of PUT."""
    request.auth.require(Permission.PROPERTY_READ)
    return _answer(name, response)


@router.put("/system-properties/{name}", response=PropertyOut)
def change(request: Call, name: str, response: HttpResponse) -> Any:
    """Sets `{"value": …}`. Without If-Match the present value is overwritten; with a stale one nothing happens: 412."""
    actor = request.auth
    body = read_body(request, known=("value",))
    if "value" not in body:
        raise InvalidParams.one("value", "required", _("Give a value."))
    shown = _answer(name, response)
    version = _version(request, shown["version"])
    try:
        properties.update(actor, name, body["value"], version=version, now=timezone.now())
    except ValidationError as error:
        raise InvalidParams.one("value", error.error_list[0].code or "invalid", error.messages[0]) from None
    except properties.Stale as stale:
        raise _stale(stale.current, stale.version) from None
    return _answer(name, response)


def _version(request: Call, present: int) -> int:
    header = request.headers.get("If-Match", "*").strip()
    if header not in ("*", f'"{present}"'):
        raise Problem(412, "stale", _("The property was changed meanwhile."))
    return present


def _stale(current: Any, version: int) -> Problem:
    message = _("The property was changed meanwhile.")
    errors = {"value": [{"code": "stale", "message": message, "current": current, "version": version}]}
    return Problem(412, "stale", message, errors=errors)


def _answer(name: str, response: HttpResponse) -> dict[str, Any]:
    for row in properties.in_force():
        if row[0].name == name:
            response["ETag"] = f'"{row[2]}"'
            return _shown(*row)
    raise not_found()


def _shown(definition: Any, value: Any, version: int) -> dict[str, Any]:
    return {
        "name": definition.name,
        "kind": definition.kind,
        "value": value,
        "default": definition.default,
        "help": str(definition.help),
        "restricted": definition.restricted,
        "version": version,
    }
