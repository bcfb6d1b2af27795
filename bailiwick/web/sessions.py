"""A signed-in browser: rotated at sign-in, ended by idleness, by age, and by every change of the user's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject

from bailiwick.access.actor import Actor
from bailiwick.access.sessions import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from bailiwick.models import User

__all__ = ["begin", "is_alive"]

BACKEND = "bailiwick.access.login.PasswordBackend"


def signed_in_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives requests their `user`, read together with the session, and only where somebody asks for him."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: request.session.user or AnonymousUser())  # type: ignore[attr-defined, assignment]
        return get_response(request)

    return middleware


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in user as an actor, with the system properties that were read with him."""
    address, known = request.META.get("REMOTE_ADDR", ""), request.session.properties  # type: ignore[attr-defined]
    return Actor.of(request.user, door="web", address=address, properties=known)  # type: ignore[arg-type]


def begin(request: HttpRequest, user: User, now: datetime) -> None:
    """Signs the browser in under a new session key; whatever the stranger's session held is dropped."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session.update({"epoch": user.epoch, "began": now.timestamp(), "seen": now.timestamp()})
