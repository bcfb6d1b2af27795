"""Who comes in at door 1, and how the three anticipated errors look there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.shortcuts import redirect, render

from bailiwick.access.actor import Actor

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Door = Callable[[HttpRequest], HttpResponse]

OPEN_PATHS = ("/sign-in", "/link/", "/forgot-password", "/static/", "/healthz", "/readyz", "/api/")


def require_sign_in(get_response: Door) -> Door:
    """Sends strangers to the sign-in page; everybody else gets `request.actor`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN_PATHS):
            return get_response(request)
        if not request.user.is_authenticated:
            return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
        request.actor = Actor.of(request.user, door="web", address=request.META.get("REMOTE_ADDR", ""))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def translate_errors(get_response: Door) -> Door:
    """The one place where the engine's anticipated errors become pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    return middleware


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answers a form whose token is missing or old."""
    return render(request, "error.html", {"title": "This form has expired", "detail": reason}, status=403)
