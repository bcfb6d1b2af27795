"""The second question of a sign-in: a code, counted before it is looked at, or a passkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick import audit
from bailiwick.access import attempts
from bailiwick.access.actor import Actor
from bailiwick.access.factor import app, passkey, recovery

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.models import User


class WrongFactor(Exception):  # noqa: N818 -- reads as the sentence it is
    """Wrong, used before, or too many tries: which of these is not told."""


def prove_by_code(user: User, typed: str, *, address: str, now: datetime) -> str:
    """Returns `app` or `recovery code`. Raises WrongFactor."""
    code = "".join(typed.split())
    budget, from_address = attempts.factor(user.pk), attempts.address(address)
    number = budget.take(now)
    if from_address.take(now) <= from_address.limit and number <= budget.limit:
        by = _by_code(user, code, now)
        if by:
            budget.clear()
            from_address.give_back()
            if by != app.KIND:
                _record(
                    user, "RECOVERY_CODE_USED", address, now, severity="WARNING", after={"left": recovery.left(user)}
                )
            return by
    _record(user, "SECOND_FACTOR_FAILURE", address, now, severity="NOTICE")
    if number == budget.limit:
        _record(user, "USER_LOCKOUT", address, now, severity="WARNING")
    raise WrongFactor


def prove_by_passkey(site: passkey.Site, state: Any, answer: str, user: User, *, address: str, now: datetime) -> None:
    """Raises WrongFactor."""
    try:
        passkey.take(site, state, answer, user=user, now=now)
    except passkey.WrongPasskey as error:
        _record(user, "SECOND_FACTOR_FAILURE", address, now, severity="NOTICE")
        raise WrongFactor from error


def _by_code(user: User, code: str, now: datetime) -> str:
    if app.take(user, code, now):
        return app.KIND
    return "recovery code" if recovery.take(user, code, now) else ""


def _record(user: User, name: str, address: str, now: datetime, **facts: Any) -> None:
    audit.record(
        Actor.of(user, door="web", address=address), name, subject=user.email, customer=user.customer,
        partner_id=user.partner_id, category="SECURITY", at=now, **facts,
    )  # fmt: skip
