"""Links that let a person in once: first sign-in, invitation, password reset. Only their hashes are kept."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from bailiwick import audit
from bailiwick.access import attempts
from bailiwick.access.actor import Actor
from bailiwick.access.login import living_users
from bailiwick.access.passwords import set_password
from bailiwick.access.secret import DeadLink, hash_of
from bailiwick.models import Level, Link, User
from bailiwick.models.addresses import email_key, stored_email

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

SIGN_IN, INVITATION, RESET = "sign-in", "invitation", "reset"
LIFE = {SIGN_IN: timedelta(hours=24), INVITATION: timedelta(hours=72), RESET: timedelta(hours=1)}


def issue(user: User, purpose: str, now: datetime) -> str:
    """Returns the path of a new link; earlier ones of the same purpose die."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        Link.objects.filter(user=user, purpose=purpose, used_at=None).update(used_at=now)
        Link.objects.create(
            user=user, partner_id=user.partner_id, customer_id=user.customer_id, purpose=purpose,
            secret_hash=hash_of(secret), created_at=now, expires_at=now + LIFE[purpose],
        )  # fmt: skip
    return f"/link/{secret}"


def find(secret: str, now: datetime) -> Link:
    """Returns the living link, without using it up. Raises DeadLink."""
    link = _living(secret, now).select_related("user__partner", "user__customer").first()
    if link is None:
        raise DeadLink
    return link


def consume(secret: str, *, address: str, now: datetime) -> User:
    """Uses the link up: of any number at once, one wins. Raises DeadLink."""
    link = find(secret, now)
    with transaction.atomic():
        if not _living(secret, now).update(used_at=now):
            raise DeadLink
        attempts.account(link.user.email_key).clear()
        audit.record(
            Actor.of(link.user, door="web", address=address),
            "LINK_USED",
            subject=link.user.email,
            customer=link.user.customer,
            partner_id=link.user.partner_id,
            after={"purpose": link.purpose},
            category="SECURITY",
            at=now,
        )
    return link.user


def redeem(secret: str, password: str, *, address: str, now: datetime) -> User:
    """Uses the link up for a new password, or does neither. Raises DeadLink, ValidationError."""
    user = find(secret, now).user
    validate_password(password, user)
    with transaction.atomic():
        consume(secret, address=address, now=now)
        set_password(Actor.of(user, door="web", address=address), user, password, now=now)
    return user


def first_superuser_link(base_url: str, *, now: datetime) -> str:
    """Returns a fresh sign-in link for the first operator superuser, who is made if there is none."""
    superusers = living_users().filter(level=Level.OPERATOR, role="superuser")
    user = superusers.order_by("pk").first() or _first_superuser(now)
    return base_url.rstrip("/") + issue(user, SIGN_IN, now)


def _first_superuser(now: datetime) -> User:
    email = stored_email(os.environ.get("BAILIWICK_ADMIN") or "admin@localhost")
    user = User(email=email, email_key=email_key(email), level=Level.OPERATOR, role="superuser", created_at=now)
    user.set_unusable_password()
    with transaction.atomic():
        user.save(force_insert=True)
        audit.record(Actor.console(), "CREATE_OPERATOR_USER", subject=email, after={"role": "superuser"}, at=now)
    return user


def _living(secret: str, now: datetime) -> QuerySet[Link]:
    return Link.objects.filter(
        secret_hash=hash_of(secret), used_at=None, expires_at__gt=now, user__in=living_users().values("pk")
    )
