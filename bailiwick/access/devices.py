"""Browsers that a user signed in with before: what others guess elsewhere does not lock them out (R-20)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from bailiwick.access.secret import hash_of
from bailiwick.models import Device

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.models import User

LIFE = timedelta(days=180)


def knows(email_key: str, secret: str, now: datetime) -> bool:
    """Whether a living user of this address signed in with this browser in the last 180 days."""
    found = Device.objects.filter(secret_hash=hash_of(secret), seen_at__gt=now - LIFE)
    return bool(secret) and found.filter(user__email_key=email_key, user__deleted_at=None).exists()


def remember(user: User, secret: str, now: datetime) -> str:
    """Returns the secret that the browser keeps: the one it has, if it is this user's, else a new one.

    A secret that somebody planted in the browser before the sign-in is never made the user's.
    """
    if secret and Device.objects.filter(user=user, secret_hash=hash_of(secret)).update(seen_at=now):
        return secret
    fresh = secrets.token_urlsafe(32)
    Device.objects.create(
        user=user, partner_id=user.partner_id, customer_id=user.customer_id, secret_hash=hash_of(fresh), seen_at=now
    )
    return fresh


def forget(user: User) -> None:
    """No browser of the user is known any more."""
    Device.objects.filter(user=user).delete()


def remove_old(now: datetime) -> int:
    """Removes devices that were not used for their whole life; returns how many."""
    return Device.objects.filter(seen_at__lt=now - LIFE).delete()[0]
