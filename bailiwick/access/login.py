"""Signing in with a password: the right user, alive, and not one who guesses."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password

from bailiwick import audit
from bailiwick.access import attempts, devices
from bailiwick.access.actor import Actor
from bailiwick.access.passwords import LONGEST, TooBusy, strangers_turn
from bailiwick.models import User
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.models import IdentityProvider

    Turn = Callable[[], AbstractContextManager[None]]


class WrongPassword(Exception):  # noqa: N818 -- reads as the sentence it is
    """The address or the password is wrong, or the account is locked or disabled: strangers are not told which."""


class PasswordBackend(BaseBackend):
    """Django's name for how somebody came in; it finds nobody: `check` does, and counts (access/session_store.py)."""


def living_users() -> QuerySet[User]:
    """Users who may sign in."""
    return User.objects.filter(is_active=True, deleted_at=None, customer__deleted_at=None)


def check(email: str, password: str, *, address: str, now: datetime, device: str = "") -> User:
    """Returns the user; raises WrongPassword, TooBusy. Every try counts before it is looked at (access/attempts.py).

    A browser that the user signed in with before is counted apart: a flood of guesses does not keep him out.
    """
    stranger, key = Actor.stranger(email, door="web", address=address), email_key(email)
    if devices.knows(key, device, now):
        return _count_and_match(stranger, key, password, now, attempts.known(key), nullcontext)
    return _from_anywhere(stranger, key, password, now)


def admit(user: User, *, by: str, address: str, now: datetime) -> None:
    """Writes down that the user is in: everything that was asked has been answered."""
    name = "OPERATOR_LOGIN" if user.level == "operator" else "USER_LOGIN"
    audit.record(
        Actor.of(user, door="web", address=address),
        f"{name}_SSO" if by == "sso" else name,
        subject=user.email,
        customer=user.customer,
        partner_id=user.partner_id,
        after={"by": by},
        category="SECURITY",
        at=now,
    )


def refuse_vouched(provider: IdentityProvider, reason: str, *, address: str, now: datetime) -> None:
    """Writes down why single sign-on failed, for the administrators of the provider's home."""
    audit.record(
        Actor.stranger(provider.domain, door="web", address=address),
        "USER_LOGIN_FAILURE_SSO",
        subject=provider.domain,
        customer=provider.customer,
        partner_id=provider.partner_id,
        after={"reason": reason},
        category="SECURITY",
        severity="NOTICE",
        at=now,
    )


def _from_anywhere(stranger: Actor, key: str, password: str, now: datetime) -> User:
    from_address = attempts.address(stranger.address)
    from_here = from_address.take(now)
    if from_here > from_address.limit:
        if from_here == from_address.limit + 1:
            _record(stranger, "ADDRESS_LOCKOUT", None, now)
        raise WrongPassword
    try:
        user = _count_and_match(stranger, key, password, now, attempts.account(key), strangers_turn)
    except TooBusy:
        from_address.give_back()
        raise
    from_address.give_back()
    return user


def _count_and_match(
    stranger: Actor, key: str, password: str, now: datetime, budget: attempts.Budget, turn: Turn
) -> User:
    number = budget.take(now)
    user = living_users().filter(email_key=key).select_related("partner", "customer").first()
    if number <= budget.limit:
        try:
            with turn():
                matches = _matches(user, password)
        except TooBusy:
            budget.give_back()
            raise
        if matches and user is not None:
            budget.clear()
            return user
    if number == budget.limit:
        _record(stranger, "USER_LOCKOUT", user, now)
    _record(
        stranger, "USER_LOGIN_FAILURE" if user and user.level != "operator" else "OPERATOR_LOGIN_FAILURE", user, now
    )
    raise WrongPassword


def _matches(user: User | None, password: str) -> bool:
    """Takes one hash whoever it is: the time does not tell whether the account exists.

    Beyond the limit nothing is hashed, for accounts that exist and for others alike: a flood costs no time.
    """
    looked_at = password[:LONGEST].encode("utf-8", "replace").decode()
    if user is None or not user.has_usable_password():
        make_password(looked_at)
        return False
    return user.check_password(looked_at) and looked_at == password


def _record(stranger: Actor, name: str, user: User | None, now: datetime) -> None:
    audit.record(
        stranger,
        name,
        subject=stranger.name,
        customer=user.customer if user else None,
        partner_id=user.partner_id if user else None,
        category="SECURITY",
        severity="NOTICE" if name.endswith("FAILURE") else "WARNING",
        at=now,
    )
