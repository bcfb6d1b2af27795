"""A signed-in browser: rotated at sign-in, ended by idleness, by age, and by every change of the user's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject

from bailiwick.access import browsers, devices
from bailiwick.access.sessions import actor_of, is_alive

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from bailiwick.models import User

__all__ = ["actor_of", "begin", "device_of", "drop", "end", "is_alive", "keep_device", "renew"]

BACKEND = "bailiwick.access.login.PasswordBackend"


def signed_in_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives requests their `user`, read together with the session, and only where somebody asks for him."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: request.session.user or AnonymousUser())  # type: ignore[attr-defined, assignment]
        return get_response(request)

    return middleware


def begin(request: HttpRequest, user: User, now: datetime, *, proved: bool = False) -> None:
    """Signs the browser in under a new session key; whatever the stranger's session held is dropped."""
    drop(request)
    login(request, user, backend=BACKEND)
    moment = now.timestamp()
    request.session.update({"epoch": user.epoch, "began": moment, "seen": moment, "confirmed": moment})
    if proved:
        request.session["factor"] = True
    agent, address = request.headers.get("User-Agent", ""), request.META.get("REMOTE_ADDR", "")
    browsers.began(user, str(request.session.session_key), agent=agent, address=address, now=now)
    request.device = devices.remember(user, device_of(request), now)  # type: ignore[attr-defined]


def drop(request: HttpRequest) -> None:
    """Leaves nothing of the session that was."""
    browsers.forget(request.session.session_key)
    request.session.flush()


def renew(request: HttpRequest, user: User, now: datetime, *, proved: bool | None = None) -> None:
    """Goes on under a new session key after the user's other sessions were ended."""
    begin(request, user, now, proved=request.session.get("factor", False) if proved is None else proved)


def end(request: HttpRequest) -> None:
    """Signs the browser out."""
    browsers.forget(request.session.session_key)
    logout(request)


def device_of(request: HttpRequest) -> str:
    """The secret by which this browser is known, if it has one."""
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")


def keep_device(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a browser in which somebody signed in gets the cookie by which it is known next time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if secret := getattr(request, "device", ""):
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME, secret, max_age=devices.LIFE, path="/",
                secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
            )  # fmt: skip
        return response

    return middleware
