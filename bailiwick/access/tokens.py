"""API tokens: shown once, kept as a hash, and never more than their user."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.actor import Actor, Entry
from bailiwick.access.factor import duty
from bailiwick.access.homes import permission
from bailiwick.access.login import living_users
from bailiwick.access.notes import Note, noted
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import property_value
from bailiwick.access.scope import users_for
from bailiwick.access.secret import hash_of
from bailiwick.models import Level, Token

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.homes import Home
    from bailiwick.models import User

DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
LAST_USED_STEP = timedelta(minutes=1)
SCHEME, PREFIX = "token", "bw"


def create(
    actor: Actor, user: User, *, name: str, now: datetime, life: timedelta = DEFAULT_LIFE, read_only: bool = False
) -> str:
    """Returns the whole token, for the only time. Raises ValidationError, NotAllowed."""
    actor.require(Permission.TOKEN_OWN)
    if actor.user_id:
        duty.require(user)
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise ValidationError(_("A token lives at most 12 months."), code="token_life")
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    with transaction.atomic():
        Token.objects.create(
            user=user, name=name, key=key, secret_hash=hash_of(secret), read_only=read_only,
            created_at=now, expires_at=now + life, partner_id=user.partner_id, customer_id=user.customer_id,
        )  # fmt: skip
        _record(actor, "CREATE_TOKEN", user, key, name, now)
    return f"{PREFIX}_{key}_{secret}"


def of_home(actor: Actor, home: Home, now: datetime) -> QuerySet[Token]:
    """The living tokens of a home's users, for who may look after them. Raises NotAllowed."""
    actor.require(permission(home.level, "token"))
    living = Token.objects.filter(revoked_at=None, expires_at__gt=now, user__in=home.users(actor).values("pk"))
    return living.select_related("user").order_by("user__email_key", "-pk")


def revoke(actor: Actor, token_id: int, *, now: datetime) -> Token:
    """Ends one's own token, or one of a home that the actor looks after; another one raises Token.DoesNotExist."""
    levels = [level for level in Level.values if actor.may(permission(level, "token"))]
    others = Q(user__in=users_for(actor).filter(level__in=levels).values("pk"))
    with transaction.atomic():
        rows = Token.objects.filter(Q(user_id=actor.user_id) | others).select_related("user__customer")
        token = rows.get(pk=token_id)
        if Token.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now):
            _record(actor, "REVOKE_TOKEN", token.user, token.key, token.name, now)
    return token


def actor_for_token(header: str, address: str, *, now: datetime) -> Actor | None:
    """Returns who speaks with `Authorization: Token bw_…`, or None. The hash is compared in constant time."""
    key, secret = _parts(header)
    token = Token.objects.filter(key=key, user__in=living_users().values("pk")).select_related("user").first()
    right = compare_digest(token.secret_hash if token else hash_of(""), hash_of(secret))
    if token is None or not right or token.revoked_at or token.expires_at <= now:
        return None
    if not property_value("session.options.enableApiTokenAuth"):
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USED_STEP)
    if token.last_used_at is None or token.last_used_at <= now - LAST_USED_STEP:
        with noted(Note.TOKEN):
            Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return Actor.of(
        token.user, door="api", address=address, read_only=token.read_only, entry=Entry(token_id=token.pk)
    )  # fmt: skip


def still_lives(token_id: int) -> bool:
    """Whether a token that opened a moment ago still would."""
    if not property_value("session.options.enableApiTokenAuth"):
        return False
    return Token.objects.filter(pk=token_id, revoked_at=None, expires_at__gt=Now()).exists()


def _parts(header: str) -> tuple[str, str]:
    scheme, _space, text = header.partition(" ")
    prefix, _underscore, rest = text.strip().partition("_")
    key, _underscore, secret = rest.partition("_")
    is_ours = scheme.lower() == SCHEME and prefix == PREFIX and key.isascii() and key.isalnum()
    return (key, secret) if is_ours else ("", "")


def _record(actor: Actor, name: str, user: User, key: str, label: str, now: datetime) -> None:
    audit.record(
        actor,
        name,
        subject=f"{user.email}: {label}",
        customer=user.customer,
        partner_id=user.partner_id,
        after={"key": key},
        category="SECURITY",
        at=now,
    )
