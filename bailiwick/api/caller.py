"""Who calls: the user of a token, or the signed-in user of a page of ours with its CSRF token."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from bailiwick.access import sessions
from bailiwick.access.factor import duty
from bailiwick.access.tokens import actor_for_token
from bailiwick.access.wall import Beyond, beyond, place_of, stand
from bailiwick.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from bailiwick.access.actor import Actor

READING = ("GET", "HEAD", "OPTIONS")


class Call(HttpRequest):
    """A request of this door, after `actor_of`: django-ninja puts its answer into `auth`."""

    auth: Actor


def actor_of(request: HttpRequest) -> Actor:
    """Returns who calls. Raises Problem 401, or 403 where a session's CSRF token is missing."""
    header = request.headers.get("Authorization")
    if header is None:
        return _signed_in(request)
    with beyond(Beyond.ARRIVING):
        actor = actor_for_token(header, _address(request), now=timezone.now())
    if actor is None:
        raise _unauthorized("token_invalid", _("This token is not known, has expired, or was revoked."))
    stand(place_of(actor))
    if actor.read_only and request.method not in READING:
        raise Problem(403, "token_read_only", _("This token may only read."))
    return actor


def signed_in(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers nobody but the user of a token or of a session."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        actor_of(request)
        return view(request)

    return asked


def _signed_in(request: HttpRequest) -> Actor:
    if not (request.user.is_authenticated and sessions.is_alive(request.session, request.user, timezone.now())):
        raise _unauthorized("not_signed_in", _("Send an API token in the Authorization header: Token bw_…"))
    if check_csrf(request):
        raise Problem(403, "csrf", _("The CSRF token is missing or wrong. Load the page again."))
    if duty.is_owed(request.user, request.session):
        raise Problem(403, "second_factor_owed", _("Set up your second factor on My account first."))
    return sessions.actor_of(request.session, door="web", address=_address(request))


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _unauthorized(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": 'Token realm="Bailiwick"'})
