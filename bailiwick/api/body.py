"""Reading JSON from strangers: size, type, depth, numbers and characters are checked before anything looks at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _

from bailiwick.api.problems import Problem
from bailiwick.engine.forms.form import UNSTORABLE, InvalidParams, is_unstorable

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest

DEEPEST = 32
JSON_TYPES = ("application/json", "application/merge-patch+json")
KEY_LENGTH = 255


def read_body(request: HttpRequest, *, known: Collection[str] | None = None) -> dict[str, Any]:
    """Returns the JSON object of the body; an empty body is an empty object (domain 18, 14). Raises Problem.

    `known`: the names it may hold; None where the engine judges them.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
    if not request.body.strip():
        return {}
    if request.content_type not in JSON_TYPES:
        raise Problem(415, "media_type", _("Send JSON, with the Content-Type application/json."))
    body = _parse(request.body)
    _inspect(body)
    if not isinstance(body, dict):
        raise Problem(422, "not_an_object", _("Send a JSON object."))
    _require_known(body, known)
    return body


def params_of(body: dict[str, Any]) -> dict[str, Any]:
    """The inputs beside a selection. Raises InvalidParams."""
    params = body.get("params", {})
    if not isinstance(params, dict):
        raise InvalidParams.one("params", "wrong_type", _("Give an object."))
    return params


def parsed(value: str | bytes, name: str) -> Any:
    """A part of a multipart body: bytes are JSON, a text is a text; both are inspected as a body is."""
    found = _parse(value) if isinstance(value, bytes) else value
    _inspect({name: found})
    return found


def idempotency_key(request: HttpRequest) -> str | None:
    """Returns the header Idempotency-Key. Raises Problem where it is too long or holds more than ASCII."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        message = _("Give 1 to 255 printable ASCII characters.")
        raise _unfit("Idempotency-Key", "idempotency_key", message)
    return key


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except RecursionError:
        raise Problem(400, "too_deep", _("The JSON is nested deeper than 32 levels.")) from None
    except ValueError as error:
        raise Problem(400, "malformed_json", _("The body is not JSON: %s") % _position(error)) from None


def _position(error: ValueError) -> str:
    return f"{error.msg}, character {error.pos}" if isinstance(error, json.JSONDecodeError) else str(error)[:100]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _inspect(body: Any) -> None:
    """Walks through without recursion; a finding is told with the path to it."""
    waiting = [("", body, 1)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Problem(400, "too_deep", _("The JSON is nested deeper than 32 levels."))
        if isinstance(value, dict):
            for name in value:
                _inspect_text(path, name)
            waiting += [(f"{path}.{name}".lstrip("."), item, depth + 1) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(path, item, depth + 1) for item in value]
        else:
            _inspect_scalar(path, value)


def _inspect_scalar(path: str, value: Any) -> None:
    if isinstance(value, str):
        # Beside a field of a form the form itself says it, with all other errors.
        if path.count(".") != 1 or not path.startswith("params."):
            _inspect_text(path, value)
    elif isinstance(value, int | float) and not -(2**63) <= value < 2**63:
        raise _unfit(path, "number_too_large", _("This number is too large."))


def _inspect_text(path: str, text: str) -> None:
    if is_unstorable(text):
        raise _unfit(path, "forbidden_character", str(UNSTORABLE))


def _unfit(path: str, code: str, message: str) -> Problem:
    field = path.removeprefix("params.").encode("utf-8", "replace").decode().replace("\0", "?") or "body"
    return Problem(422, "invalid", f"{field}: {message}", errors={field: [{"code": code, "message": message}]})


def _require_known(body: dict[str, Any], known: Collection[str] | None) -> None:
    unknown = [] if known is None else [name for name in body if name not in known]
    if unknown:
        errors = {name: [{"code": "unknown_field", "message": _("There is no such field.")}] for name in unknown}
        raise Problem(422, "invalid", _("The body holds names that are not known here."), errors=errors)
