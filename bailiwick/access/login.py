"""Signing in with a password: the right user, alive, and not one who guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password

from bailiwick import audit
from bailiwick.access import attempts
from bailiwick.access.actor import Actor
from bailiwick.access.passwords import LONGEST
from bailiwick.models import User
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


class WrongPassword(Exception):  # noqa: N818 -- reads as the sentence it is
    """The address or the password is wrong, or the account is locked or disabled: strangers are not told which."""


class PasswordBackend(BaseBackend):
    """Django's name for how somebody came in; it finds nobody: `check` does, and counts (access/session_store.py)."""


def living_users() -> QuerySet[User]:
    """Users who may sign in."""
    return User.objects.filter(is_active=True, deleted_at=None, customer__deleted_at=None)


def check(email: str, password: str, *, address: str, now: datetime) -> User:
    """Returns the user; raises WrongPassword. Every try counts before it is looked at (access/attempts.py)."""
    stranger = Actor.stranger(email, door="web", address=address)
    from_address = attempts.address(address)
    from_here = from_address.take(now)
    if from_here > from_address.limit:
        if from_here == from_address.limit + 1:
            _record(stranger, "ADDRESS_LOCKOUT", None, now)
        raise WrongPassword
    user = _count_and_match(stranger, email_key(email), password, now)
    from_address.give_back()
    audit.record(
        Actor.of(user, door="web", address=address),
        "OPERATOR_LOGIN" if user.level == "operator" else "USER_LOGIN",
        subject=user.email,
        customer=user.customer,
        partner_id=user.partner_id,
        category="SECURITY",
        at=now,
    )
    return user


def _count_and_match(stranger: Actor, key: str, password: str, now: datetime) -> User:
    at_account = attempts.account(key)
    number = at_account.take(now)
    user = living_users().filter(email_key=key).select_related("partner", "customer").first()
    if _matches(user if number <= at_account.limit else None, password) and user is not None:
        at_account.clear()
        return user
    if number == at_account.limit:
        _record(stranger, "USER_LOCKOUT", user, now)
    _record(
        stranger, "USER_LOGIN_FAILURE" if user and user.level != "operator" else "OPERATOR_LOGIN_FAILURE", user, now
    )
    raise WrongPassword


def _matches(user: User | None, password: str) -> bool:
    """Takes one hash whoever it is: the time does not tell whether the account exists."""
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
