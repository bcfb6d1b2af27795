"""Every error of this door as problem+json (RFC 9457) with a stable code: the one translation of exceptions."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from ninja.errors import ValidationError

from bailiwick.access.actor import NotAllowed
from bailiwick.engine.action import UnknownAction
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
SECONDS_TO_WAIT = 5


class Problem(Exception):  # noqa: N818 -- named as the RFC names it
    """An answer that is an error; raised anywhere in this door."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors, headers

    def response(self) -> HttpResponse:
        """The answer; its title is the one of the status, its code never changes."""
        body: dict[str, Any] = {
            "type": f"urn:bailiwick:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": str(self.detail),
        }
        if self.errors:
            body["errors"] = self.errors
        return JsonResponse(body, status=self.status, content_type=MEDIA_TYPE, headers=self.headers)


def not_found() -> Problem:
    """The same answer for what never existed and what belongs to others."""
    return Problem(404, "not_found", _("There is nothing here, or it is not yours."))


def problem_of(error: Exception) -> Problem:
    """Translates the anticipated errors; anything else is logged and becomes a 500 that says nothing."""
    for kind, translate in TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    log.error("unexpected error at the API", exc_info=error)
    return Problem(500, "internal", _("Something unexpected went wrong. It stands in the log of the portal."))


def _invalid(error: InvalidParams) -> Problem:
    first = next(iter(error.errors.values()))[0]
    code = "invalid" if error.status == HTTPStatus.UNPROCESSABLE_ENTITY else first["code"]
    return Problem(error.status, code, str(error), errors=error.errors)


def _parameters(error: ValidationError) -> Problem:
    errors: dict[str, list[dict[str, str]]] = {}
    for found in error.errors:
        errors.setdefault(str(found["loc"][-1]), []).append({"code": found["type"], "message": found["msg"]})
    return Problem(422, "invalid", _("A parameter of the address cannot be used."), errors=errors)


def _unavailable(error: Exception) -> Problem:
    log.warning("database: %s", " ".join(str(error).split())[:200])
    detail = _("The database does not answer. Nothing that was not confirmed has been done.")
    return Problem(503, "unavailable", detail, headers={"Retry-After": str(SECONDS_TO_WAIT)})


TRANSLATIONS: dict[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda error: error,
    NotAllowed: lambda error: Problem(403, error.code, error.reason),
    InvalidParams: _invalid,
    UnknownAction: lambda _error: Problem(404, "unknown_action", _("There is no such action.")),
    Http404: lambda _error: not_found(),
    ObjectDoesNotExist: lambda _error: not_found(),
    ValidationError: _parameters,
    RequestDataTooBig: lambda _error: Problem(413, "too_large", _("The body is larger than 1 MiB.")),
    SuspiciousOperation: lambda _error: Problem(400, "malformed", _("The request cannot be read.")),
    UnreadablePostError: lambda _error: Problem(400, "malformed", _("The body broke off.")),
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
}
# What Django and django-ninja answer themselves.
ANSWERS = {
    400: ("malformed", "The request cannot be read."),
    403: ("not_allowed", "This is not open to you."),
    404: ("not_found", "There is nothing here, or it is not yours."),
    405: ("method_not_allowed", "This address does not take this method."),
    500: ("internal", "Something unexpected went wrong. It stands in the log of the portal."),
}


def answer_problems(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: below /api/ no error leaves in another form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _is_ours(request) and response.status_code in ANSWERS and response.headers.get("Content-Type") != MEDIA_TYPE:
            return _again(response)
        return response

    middleware.process_exception = _translate  # type: ignore[attr-defined]
    return middleware


def _is_ours(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _again(response: HttpResponse) -> HttpResponse:
    code, detail = ANSWERS[response.status_code]
    kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    return Problem(response.status_code, code, detail, headers=kept).response()


def _translate(request: HttpRequest, error: Exception) -> HttpResponse | None:
    return problem_of(error).response() if _is_ours(request) else None
