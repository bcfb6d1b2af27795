"""API tokens: shown once, kept as a hash, and never more than their user."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.actor import Actor
from bailiwick.access.login import living_users
from bailiwick.access.notes import Note, noted
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import property_value
from bailiwick.access.scope import tokens_for
from bailiwick.models import Token

if TYPE_CHECKING:
    from bailiwick.models import User

DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
LAST_USED_STEP = timedelta(minutes=1)
SCHEME, PREFIX = "token", "bw"


def create(actor: Actor, user: User, *, name: str, now: datetime, life: timedelta = DEFAULT_LIFE) -> str:
    """Returns the whole token, for the only time. Raises ValidationError, NotAllowed."""
    actor.require(Permission.TOKEN_OWN)
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise ValidationError(_("A token lives at most 12 months."), code="token_life")
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    with transaction.atomic():
        Token.objects.create(
            user=user, name=name, key=key, secret_hash=_hash(secret), created_at=now, expires_at=now + life
        )
        _record(actor, "CREATE_TOKEN", user, key, name, now)
    return f"{PREFIX}_{key}_{secret}"


def revoke(actor: Actor, token_id: int, *, now: datetime) -> None:
    """Ends one of the actor's own tokens; an unknown one raises Token.DoesNotExist."""
    token = tokens_for(actor).select_related("user__customer").get(pk=token_id)
    with transaction.atomic():
        if tokens_for(actor).filter(pk=token_id, revoked_at=None).update(revoked_at=now):
            _record(actor, "REVOKE_TOKEN", token.user, token.key, token.name, now)


def actor_for_token(header: str, address: str, *, now: datetime) -> Actor | None:
    """Returns who speaks with `Authorization: Token bw_…`, or None. The hash is compared in constant time."""
    key, secret = _parts(header)
    token = Token.objects.filter(key=key, user__in=living_users().values("pk")).select_related("user").first()
    right = compare_digest(token.secret_hash if token else _hash(""), _hash(secret))
    if token is None or not right or token.revoked_at or token.expires_at <= now:
        return None
    if not property_value("session.options.enableApiTokenAuth"):
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USED_STEP)
    if token.last_used_at is None or token.last_used_at <= now - LAST_USED_STEP:
        with noted(Note.TOKEN):
            Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return Actor.of(token.user, door="api", address=address)


def _parts(header: str) -> tuple[str, str]:
    scheme, _space, text = header.partition(" ")
    prefix, _underscore, rest = text.strip().partition("_")
    key, _underscore, secret = rest.partition("_")
    is_ours = scheme.lower() == SCHEME and prefix == PREFIX and key.isascii() and key.isalnum()
    return (key, secret) if is_ours else ("", "")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


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
