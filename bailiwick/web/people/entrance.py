"""From the right password to a session: straight in, or by the page that asks for the second factor."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.shortcuts import redirect

from bailiwick.access import login
from bailiwick.access.factor import duty
from bailiwick.web import sessions

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from bailiwick.models import User

# Who knows the password and has not shown the factor: in the session under this name, and not signed in.
HALF = "half"
PATIENCE = timedelta(minutes=10)


def enter(request: HttpRequest, user: User, now: datetime, target: str, *, by: str = "password") -> HttpResponse:
    """Asks whoever has a second factor for it; signs everybody else in."""
    if not duty.kinds(user):
        return admit(request, user, now, target, by=by)
    sessions.drop(request)
    request.session[HALF] = {
        "user": user.pk, "epoch": user.epoch, "at": now.timestamp(), "next": target, "by": by,
    }  # fmt: skip
    request.session.set_expiry(PATIENCE)
    return redirect("sign-in-factor")


def admit(
    request: HttpRequest, user: User, now: datetime, target: str, *, by: str, proved: bool = False
) -> HttpResponse:
    """Signs the browser in and writes it down."""
    login.admit(user, by=by, address=request.META.get("REMOTE_ADDR", ""), now=now)
    sessions.begin(request, user, now, proved=proved)
    return redirect(target)


def half_signed_in(request: HttpRequest, now: datetime) -> User | None:
    """Whose password was right in this browser a moment ago, if nothing changed about him since."""
    half = request.session.get(HALF)
    if not half or now.timestamp() - half["at"] > PATIENCE.total_seconds():
        return None
    found = login.living_users().filter(pk=half["user"], epoch=half["epoch"])
    return found.select_related("partner", "customer").first()
