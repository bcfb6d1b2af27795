"""How many support mails one user sends within a minute (domain 9), also of those asked for at the same instant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from bailiwick.access.scope import events_for, jobs_for
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

MOST, WITHIN = 10, timedelta(minutes=1)


def refuse_more(actor: Actor, slug: str, *, now: datetime) -> None:
    """Before one is asked for. Raises InvalidParams."""
    mine = jobs_for(actor).filter(user_id=actor.user_id)
    _refuse_beyond_most(mine.filter(action=slug, state="done", created_at__gt=now - WITHIN), actor)


def refuse_at_once(actor: Actor, event: str, *, now: datetime) -> None:
    """As one is sent: those of one user go one after another, so that all are counted. Raises InvalidParams."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('support-email'), %s)", [actor.user_id % 2**31])
    _refuse_beyond_most(events_for(actor).filter(actor_id=actor.user_id, name=event, at__gt=now - WITHIN), actor)


def _refuse_beyond_most(sent: QuerySet[Any], actor: Actor) -> None:
    if actor.user_id and sent.count() >= MOST:
        message = _("You sent %(most)d support mails within a minute. Wait a moment.") % {"most": MOST}
        raise InvalidParams.one("select", "too_many", message, status=429)
