"""Requests that carry a file: multipart/form-data for actions whose params have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from bailiwick.api.body import parsed, read_body
from bailiwick.api.problems import Problem
from bailiwick.engine.intake import upload

if TYPE_CHECKING:
    from bailiwick.api.caller import Call
    from bailiwick.engine.action import Action

MULTIPART = "multipart/form-data"
BODY = ("select", "params", "confirm")
# What the other parts and their frames may take beside the file.
ROOM = 1024 * 1024


def read_call(request: Call, action: Action, *also: str) -> dict[str, Any]:
    """The body of a call of this action, JSON or multipart; a file is stored and its id put in its place.

    `also`: what else the body may name.
    """
    files = {n: f for n, f in action.Params.base_fields.items() if isinstance(f, upload.UploadField)}
    if request.content_type != MULTIPART or not files:
        return read_body(request, known=(*BODY, *also))
    if int(request.META.get("CONTENT_LENGTH") or 0) > upload.MOST_BYTES + ROOM:
        raise upload.too_large()
    request.auth.require(action.permission)
    params = {name: _value(action, name, str(text)) for name, text in request.POST.items()}
    for name, given in request.FILES.items():
        if name not in files:
            raise Problem(422, "invalid", _("Only “file” may be a file."), errors=_unknown(name))
        params[name] = str(_stored(request, given))
    return {"params": params}


def multipart(action: Action, body: dict[str, Any]) -> dict[str, Any]:
    """How the OpenAPI document says that a file may be sent; nothing where the action takes none."""
    files = {n for n, f in action.Params.base_fields.items() if isinstance(f, upload.UploadField)}
    if not files:
        return {}
    params = body["properties"]["params"]
    binary = {"type": "string", "format": "binary"}
    fields = {name: binary if name in files else schema for name, schema in params["properties"].items()}
    return {MULTIPART: {"schema": {**params, "properties": fields}}}


def _value(action: Action, name: str, text: str) -> Any:
    """A field that takes JSON has its text read as strictly as a body."""
    if isinstance(action.Params.base_fields.get(name), forms.JSONField) and text.strip():
        return parsed(text.encode("utf-8", "surrogatepass"), name)
    return parsed(text, name)


def _stored(request: Call, given: Any) -> object:
    return upload.store(request.auth, given.name, given.read(), now=timezone.now()).logical_id


def _unknown(name: str) -> dict[str, list[dict[str, str]]]:
    return {name: [{"code": "unknown_field", "message": _("There is no such field.")}]}
