"""A signed-in browser: rotated at sign-in, ended by idleness, by age, and by every change of the user's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login

from bailiwick.access.sessions import is_alive

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from bailiwick.models import User

__all__ = ["begin", "is_alive"]

BACKEND = "bailiwick.access.login.PasswordBackend"


def begin(request: HttpRequest, user: User, now: datetime, *, proved: bool = False) -> None:
    """Signs the browser in under a new session key; whatever the stranger's session held is dropped."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    moment = now.timestamp()
    request.session.update({"epoch": user.epoch, "began": moment, "seen": moment, "confirmed": moment})
    if proved:
        request.session["factor"] = True


def renew(request: HttpRequest, user: User, now: datetime, *, proved: bool | None = None) -> None:
    """Goes on under a new session key after the user's other sessions were ended."""
    begin(request, user, now, proved=request.session.get("factor", False) if proved is None else proved)
