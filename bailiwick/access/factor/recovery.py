"""Recovery codes: ten, each good once, for the day when the telephone is lost."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from bailiwick import seal
from bailiwick.models import RecoveryCode

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.models import User

NUMBER, LENGTH = 10, 12
# No letter or digit that is taken for another one when read from paper.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def renew(user: User, now: datetime) -> list[str]:
    """Returns new codes, for the only time; the old ones die. Belongs into the caller's transaction."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(NUMBER)]
    forget(user)
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            user=user, partner_id=user.partner_id, customer_id=user.customer_id, created_at=now,
            code_hash=seal.keyed_hashes(code, owner=_owner(user))[0],
        )
        for code in codes
    )  # fmt: skip
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def take(user: User, typed: str, now: datetime) -> bool:
    """Whether it is one of the user's unused codes; of any number at once, one wins."""
    code = typed.upper().replace("-", "").replace(" ", "")
    if len(code) != LENGTH or not code.isascii():
        return False
    hashes = seal.keyed_hashes(code, owner=_owner(user))
    return bool(RecoveryCode.objects.filter(user=user, code_hash__in=hashes, used_at=None).update(used_at=now))


def left(user: User) -> int:
    """How many are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def forget(user: User) -> None:
    """Removes them all."""
    RecoveryCode.objects.filter(user=user).delete()


def _owner(user: User) -> str:
    return f"recovery:{user.logical_id}"
