"""Who comes in at door 1, and how the three anticipated errors look there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed
from bailiwick.access.factor import duty
from bailiwick.access.wall import Beyond, beyond
from bailiwick.engine.action import UnknownAction
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.web import sessions
from bailiwick.web.bin import InTheBin

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Door = Callable[[HttpRequest], HttpResponse]

OPEN_PATHS = ("/sign-in", "/link/", "/forgot-password", "/confirm-address/", "/activate")
# Files, a look at the state, and a door that asks for itself who comes.
OWN_WAYS = ("/static/", "/healthz", "/readyz", "/api/")

# What one who must have a second factor may do before he has one.
ENROLMENT_PATHS = ("/account/second-factor", "/account/confirm", "/account/first-password", "/sign-out")


def require_sign_in(get_response: Door) -> Door:
    """Sends strangers to the sign-in page; everybody else gets `request.actor`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OWN_WAYS):
            return get_response(request)
        if request.path.startswith(OPEN_PATHS):
            with beyond(Beyond.ARRIVING):
                return get_response(request)
        user = request.session.user  # type: ignore[attr-defined]
        if user is None:
            return _to_sign_in(request)
        request.user = user
        if not sessions.is_alive(request.session, user, timezone.now()):
            logout(request)
            return _to_sign_in(request)
        if duty.is_owed(user, request.session) and not request.path.startswith(ENROLMENT_PATHS):
            return _to_enrolment(request)
        address = request.META.get("REMOTE_ADDR", "")
        request.actor = sessions.actor_of(request.session, door="web", address=address)  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(user.timezone)):
            return get_response(request)

    return middleware


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A fragment's request must not swap the sign-in page into the page: the whole page goes there."""
    if not request.headers.get("HX-Request"):
        return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    target = quote(f"{page.path}?{page.query}" if page.query else page.path)
    return HttpResponse(status=401, headers={"HX-Redirect": f"{settings.LOGIN_URL}?next={target}"})


def _to_enrolment(request: HttpRequest) -> HttpResponse:
    """As above: a fragment's request sends the whole page there, unless it is there: what it polls has to wait."""
    if not request.headers.get("HX-Request"):
        return redirect("second-factor")
    if urlsplit(request.headers.get("HX-Current-URL", "")).path.startswith(ENROLMENT_PATHS):
        return HttpResponse(status=204)
    return HttpResponse(status=403, headers={"HX-Redirect": reverse("second-factor")})


def translate_errors(get_response: Door) -> Door:
    """The one place where the engine's anticipated errors become pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    # Django turns a view's exception into a 500 before it reaches a middleware's call: this hook comes first.
    middleware.process_exception = _translate  # type: ignore[attr-defined]
    return middleware


def _translate(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if isinstance(error, NotAllowed):
        return error_page(request, status=403, title=_("This is not open to you"), detail=error.reason)
    if isinstance(error, InTheBin):
        title, gone = _("%(name)s is deleted") % {"name": error.found.customer.name}, error.found
        detail = _("It stays among the deleted customers for 30 days.")
        return error_page(request, status=404, title=title, detail=detail, template="bin/gone.html", gone=gone)
    if isinstance(error, UnknownAction):
        detail = _("It was removed, or it is not in your portal.")
        return error_page(request, status=404, title=_("There is nothing here"), detail=detail)
    if isinstance(error, InvalidParams):
        said = " ".join(each["message"] for found in error.errors.values() for each in found)
        return error_page(request, status=error.status, title=_("This cannot be used"), detail=said)
    return None


def error_page(
    request: HttpRequest, *, status: int, title: str, detail: str, template: str = "error.html", **more: object
) -> HttpResponse:
    """Says what happened: a page for a person, one sentence for a script of ours, which shows it as a message."""
    if request.headers.get("HX-Request"):
        return HttpResponse(f"{title}. {detail}", status=status, content_type="text/plain; charset=utf-8")
    return render(request, template, {"status": status, "title": title, "detail": detail, **more}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """Answers a form whose token is missing or old."""
    detail = _("Load the page again and repeat the step; nothing was changed.")
    return error_page(request, status=403, title=_("This form has expired"), detail=detail)
