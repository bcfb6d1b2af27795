"""Every answer of this door is JSON, and every error problem+json (RFC 9457) with a stable code."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from pydantic import ValidationError

from bailiwick.access.wall import serving
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.authority import UnfitRequest
from bailiwick.fleet.gathering import FullError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
WAIT, WAIT_LONG = 5, 900
STATUSES = {
    "unknown_key": 404, "too_many": 429, "key_used": 409, "key_cancelled": 409, "key_expired": 409,
    "wrong_serial": 409, "certificate_needed": 401, "unknown_certificate": 403, "certificate_revoked": 403,
    "certificate_expired": 403, "certificate_cloned": 403, "out_of_step": 409, "method_not_allowed": 405,
    "media_type": 415, "unknown_image": 404, "range": 416, "unknown_bundle": 404,
    "too_large": 413, "no_room": 503,
}  # fmt: skip
MOST_ERRORS = 20


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """An answer that is an error."""
    title = HTTPStatus(status).phrase
    body = {"type": f"urn:bailiwick:problem:{code}", "title": title, "status": status, "code": code, "detail": detail}
    waits = {429: WAIT_LONG, 503: WAIT}
    headers = {"Retry-After": str(waits[status])} if status in waits else {}
    return JsonResponse({**body, **more}, status=status, content_type=MEDIA_TYPE, headers=headers)


def answer(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a request begins where nobody's rows are seen, and no error leaves in another form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with serving():
            response = get_response(request)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    middleware.process_exception = _translate  # type: ignore[attr-defined]
    return middleware


def _translate(_request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, Refused):
        return problem(STATUSES[error.code], error.code, error.reason)
    for kind, translate in TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    log.error("unexpected error at the door for devices", exc_info=error)
    return problem(500, "internal", _("Something unexpected went wrong. It stands in the log of the portal."))


def _invalid(error: ValidationError) -> HttpResponse:
    """Says where, and never what: the text of a stranger does not come back."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:MOST_ERRORS]
    errors = {
        ".".join(map(str, each["loc"])) or "body": [{"code": each["type"], "message": each["msg"]}] for each in found
    }
    return problem(422, "invalid", _("The report cannot be used."), errors=errors)


def _unavailable(error: Exception) -> HttpResponse:
    log.warning("database: %s", " ".join(str(error).split())[:200])
    return problem(503, "unavailable", _("The orchestrator cannot answer now. Go on, and ask again."))


TRANSLATIONS: dict[type[Exception], Callable[[Any], HttpResponse]] = {
    ValidationError: _invalid,
    UnfitRequest: lambda error: problem(422, "certificate_request", str(error)),
    Http404: lambda _error: problem(404, "not_found", _("There is nothing here.")),
    RequestDataTooBig: lambda _error: problem(413, "too_large", _("The body is larger than 64 KiB.")),
    UnreadablePostError: lambda _error: problem(400, "malformed", _("The body broke off.")),
    FullError: lambda _error: problem(503, "full", _("Too many heartbeats wait already. Go on, and ask again.")),
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
}
