"""Whether a session still stands for its user, and who that is: every door that takes cookies asks here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models.functions import Now

from bailiwick.access.actor import Actor, Entry
from bailiwick.access.session_store import stored_key
from bailiwick.models import Session, User

if TYPE_CHECKING:
    from datetime import datetime

# "Seen" is written at most once in this time: a page costs no write.
SEEN_STEP_SECONDS = 60


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


def actor_of(session: Any, *, door: str, address: str) -> Actor:
    """The signed-in user as an actor, with the system properties that were read with him."""
    entry = Entry(session=stored_key(session.session_key), epoch=session.user.epoch)
    return Actor.of(session.user, door=door, address=address, properties=session.properties, entry=entry)


def still_stands(actor: Actor) -> bool:
    """Whether a session that was alive a moment ago was not ended since, by itself or with all of its user's."""
    user = User.objects.filter(pk=actor.user_id, epoch=actor.entry.epoch)
    found = Session.objects.filter(
        session_key=actor.entry.session, expire_date__gt=Now(), user_id__in=user.values("pk")
    )
    return found.exists()
