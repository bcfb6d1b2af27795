"""Authenticator apps: six digits that change every 30 seconds (RFC 6238), each taken at most once."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

import pyotp

from bailiwick import seal
from bailiwick.models import Factor

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.models import User

KIND = "app"
SECONDS, DIGITS, SECRET_LENGTH = 30, 6, 32
# A telephone's clock may be one step off, either way; more would only give guesses away.
LEEWAY = (0, -1, 1)


def new_secret() -> str:
    """160 bits, as authenticator apps spell them."""
    return pyotp.random_base32(SECRET_LENGTH)


def address_of(secret: str, email: str) -> str:
    """What the picture to be scanned says."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Bailiwick")


def owner_of(user: User) -> str:
    """Whom the secret is sealed for: in another user's row it cannot be read."""
    return f"app:{user.logical_id}"


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of the clock that the code belongs to, or None where it is of no step that counts now."""
    present, clock = int(now.timestamp()) // SECONDS, pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS)
    right = [present + offset for offset in LEEWAY if compare_digest(clock.generate_otp(present + offset), code)]
    return right[0] if right else None


def take(user: User, code: str, now: datetime) -> bool:
    """Whether the code is right and was not used before; of any number at once, one wins."""
    if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
        return False
    factor = Factor.objects.filter(user=user, kind=KIND).first()
    if factor is None:
        return False
    step = step_of(seal.unseal(factor.sealed, owner=owner_of(user)), code, now)
    if step is None:
        return False
    fresh = Factor.objects.filter(pk=factor.pk, last_step__lt=step)
    return bool(fresh.update(last_step=step, last_used_at=now))
