"""A signed-in browser: rotated at sign-in, ended by idleness, by age, and by every change of the user's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import login

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from bailiwick.models import User

BACKEND = "bailiwick.access.login.PasswordBackend"
# "Seen" is written at most once in this time: a page costs no write.
SEEN_STEP_SECONDS = 60


def begin(request: HttpRequest, user: User, now: datetime) -> None:
    """Signs the browser in under a new session key; whatever the stranger's session held is dropped."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session.update({"epoch": user.epoch, "began": now.timestamp(), "seen": now.timestamp()})


def is_alive(session: Any, user: Any, now: datetime) -> bool:
    """Says whether the session still stands for this user, and notes that it was used."""
    moment = now.timestamp()
    if session.get("epoch") != user.epoch or moment - session.get("began", 0) > settings.SESSION_COOKIE_AGE:
        return False
    idle = moment - session.get("seen", 0)
    if user.level == "operator" and idle > settings.SESSION_IDLE_SECONDS:
        return False
    if idle > SEEN_STEP_SECONDS:
        session["seen"] = moment
    return True
