"""The browsers in which a user is signed in: which they are, since when, and ending them."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from bailiwick import audit
from bailiwick.models import Browser, User

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

LONGEST_AGENT = 255


def began(user: User, session_key: str, *, agent: str, address: str, now: datetime) -> None:
    """Writes down that the user signed in here."""
    shown = "".join(character if character.isprintable() else "?" for character in agent)[:LONGEST_AGENT]
    Browser.objects.create(
        user=user, partner_id=user.partner_id, customer_id=user.customer_id, session_key=session_key,
        epoch=user.epoch, agent=shown, address=address[:64], began_at=now, seen_at=now,
    )  # fmt: skip


def seen(session_key: str | None, now: datetime) -> None:
    """Notes that the browser asked for something."""
    Browser.objects.filter(session_key=session_key or "").update(seen_at=now)


def forget(session_key: str | None) -> None:
    """The session ended: its browser is no longer listed."""
    Browser.objects.filter(session_key=session_key or "").delete()


def living(user_id: int, now: datetime) -> QuerySet[Browser]:
    """Where the user is signed in now, the last used first."""
    user = User.objects.get(pk=user_id)
    rows = Browser.objects.filter(
        user=user, epoch=user.epoch, began_at__gt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    )
    if user.level == "operator":
        rows = rows.filter(seen_at__gt=now - timedelta(seconds=settings.SESSION_IDLE_SECONDS))
    return rows.order_by("-seen_at", "-pk")


def end(actor: Actor, browser_id: int, *, now: datetime) -> None:
    """Ends one of the actor's own sessions at once; an unknown one raises Browser.DoesNotExist."""
    with transaction.atomic():
        row = Browser.objects.select_for_update(of=("self",)).get(pk=browser_id, user_id=actor.user_id)
        _end([row])
        _record(actor, row.user, 1, now)


def end_others(actor: Actor, session_key: str | None, *, now: datetime) -> int:
    """Ends all of the actor's own sessions but the one that asks; returns how many."""
    with transaction.atomic():
        rows = list(Browser.objects.filter(user_id=actor.user_id).exclude(session_key=session_key or ""))
        _end(rows)
        if rows:
            _record(actor, rows[0].user, len(rows), now)
    return len(rows)


def _end(rows: list[Browser]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = [row.session_key for row in rows]
    store.get_model_class().objects.filter(session_key__in=keys).delete()
    Browser.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _record(actor: Actor, user: User, number: int, now: datetime) -> None:
    audit.record(
        actor, "END_SESSIONS", subject=user.email, customer=user.customer, partner_id=user.partner_id,
        after={"sessions": number}, category="SECURITY", at=now,
    )  # fmt: skip


def remove_old(now: datetime) -> int:
    """Removes browsers whose sessions are long dead; returns how many."""
    old = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return Browser.objects.filter(began_at__lt=old).delete()[0]
