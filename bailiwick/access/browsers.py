"""The browsers in which a user is signed in: which they are, since when, and ending them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from bailiwick import audit
from bailiwick.access.session_store import stored_key
from bailiwick.models import Browser, User

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor

LONGEST_AGENT = 255


def began(user: User, session_key: str, *, agent: str, address: str, now: datetime) -> None:
    """Writes down that the user signed in here."""
    shown = "".join(character if character.isprintable() else "?" for character in agent)[:LONGEST_AGENT]
    Browser.objects.create(
        user=user, partner_id=user.partner_id, customer_id=user.customer_id, session_key=stored_key(session_key),
        epoch=user.epoch, agent=shown, address=address[:64], began_at=now,
    )  # fmt: skip


def forget(session_key: str | None) -> None:
    """The session ended: its browser is no longer listed."""
    Browser.objects.filter(session_key=stored_key(session_key or "")).delete()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser and when it last asked for something, which stands in its session."""

    row: Browser
    seen_at: datetime


def living(user_id: int, now: datetime) -> list[SignedIn]:
    """Where the user is signed in now, the last used first."""
    user, store = User.objects.get(pk=user_id), _store()
    rows = {row.session_key: row for row in Browser.objects.filter(user=user, epoch=user.epoch)}
    sessions = store.get_model_class().objects.filter(session_key__in=rows, expire_date__gt=now)
    seen = {each.session_key: store().decode(each.session_data).get("seen", 0) for each in sessions}
    found = [SignedIn(rows[key], datetime.fromtimestamp(moment, UTC)) for key, moment in seen.items()]
    longest, idle = settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS
    alive = [
        each for each in found
        if (now - each.row.began_at).total_seconds() <= longest
        and (user.level != "operator" or (now - each.seen_at).total_seconds() <= idle)
    ]  # fmt: skip
    return sorted(alive, key=lambda each: (each.seen_at, each.row.pk), reverse=True)


def end(actor: Actor, browser_id: int, *, now: datetime) -> None:
    """Ends one of the actor's own sessions at once; an unknown one raises Browser.DoesNotExist."""
    with transaction.atomic():
        row = Browser.objects.select_for_update(of=("self",)).get(pk=browser_id, user_id=actor.user_id)
        _end([row])
        _record(actor, row.user, 1, now)


def end_others(actor: Actor, session_key: str | None, *, now: datetime) -> int:
    """Ends all of the actor's own sessions but the one that asks; returns how many."""
    with transaction.atomic():
        rows = list(Browser.objects.filter(user_id=actor.user_id).exclude(session_key=stored_key(session_key or "")))
        _end(rows)
        if rows:
            _record(actor, rows[0].user, len(rows), now)
    return len(rows)


def _end(rows: list[Browser]) -> None:
    keys = [row.session_key for row in rows]
    _store().get_model_class().objects.filter(session_key__in=keys).delete()
    Browser.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _record(actor: Actor, user: User, number: int, now: datetime) -> None:
    audit.record(
        actor, "END_SESSIONS", subject=user.email, customer=user.customer, partner_id=user.partner_id,
        after={"sessions": number}, category="SECURITY", at=now,
    )  # fmt: skip


def remove_old(now: datetime) -> int:
    """Removes browsers whose sessions are long dead; returns how many."""
    old = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return Browser.objects.filter(began_at__lt=old).delete()[0]
