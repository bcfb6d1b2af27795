"""Passwords: how they are kept, what they may be, and how one is set."""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import attempts, devices
from bailiwick.models import FormerPassword, Link, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor

LONGEST = 512
AT_ONCE = BoundedSemaphore(2)
# Of the two, people from browsers that nobody knows get one; five may be waiting, so that threads are left for pages.
STRANGERS, WAITING = BoundedSemaphore(1), BoundedSemaphore(5)
PATIENCE_SECONDS = 10
# The present password and the four before it cannot be chosen again (domain 2.4).
HISTORY = 5


class TooBusy(Exception):  # noqa: N818 -- reads as the sentence it is
    """Too many passwords are being checked already: 429 at the doors."""


@contextmanager
def _turn() -> Iterator[None]:
    """At most two hashes at once in one process: 19 MiB and a core each, and sign-in must not starve the portal."""
    if not AT_ONCE.acquire(timeout=PATIENCE_SECONDS):
        raise TooBusy
    try:
        yield
    finally:
        AT_ONCE.release()


@contextmanager
def strangers_turn() -> Iterator[None]:
    """Waits behind the other strangers, or raises TooBusy at once where too many wait."""
    if not WAITING.acquire(blocking=False):
        raise TooBusy
    try:
        if not STRANGERS.acquire(timeout=PATIENCE_SECONDS):
            raise TooBusy
        try:
            yield
        finally:
            STRANGERS.release()
    finally:
        WAITING.release()


class Hasher(Argon2PasswordHasher):
    """Argon2id with the parameters that OWASP gives as the least: 19 MiB, two passes, one lane."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Waits for its turn, then hashes."""
        with _turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Waits for its turn, then compares."""
        with _turn():
            return super().verify(password, encoded)


class NoAngleBracketValidator:
    """Refuses `<`, as the orchestrators that our scripts also talk to do (domain 2.4, NEW-06)."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 -- Django's signature
        """Raises ValidationError where the password holds `<`."""
        if "<" in password:
            raise ValidationError(_("A password must not hold the character <."), code="password_angle_bracket")

    def get_help_text(self) -> str:
        """Returns the rule in words."""
        return _("The character < is not allowed.")


class TextValidator:
    """Refuses what could not be typed again: control characters, and more than 512 characters."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 -- Django's signature
        """Raises ValidationError where the password is too long or holds a control character."""
        if len(password) > LONGEST:
            raise ValidationError(_("A password has at most 512 characters."), code="password_too_long")
        if not password.isprintable():
            raise ValidationError(_("A password must not hold control characters."), code="password_control")

    def get_help_text(self) -> str:
        """Returns the rule in words."""
        return _("At most 512 characters.")


def change_own(actor: Actor, user: User, typed: Mapping[str, str], *, now: datetime) -> None:
    """Sets the user's own password; who has one must know it, and guessing it counts. Raises ValidationError."""
    if user.has_usable_password():
        confirm(user, typed.get("current", ""), now=now)
    set_password(actor, user, typed["password"], now=now)


def confirm(user: User, current: str, *, now: datetime) -> None:
    """Makes sure that it is still the user himself; guessing counts. Raises ValidationError beside `current`."""
    budget = attempts.known(user.email_key)
    if budget.take(now) > budget.limit or not user.check_password(current[:LONGEST]):
        wrong = ValidationError(_("This is not your present password."), code="wrong_password")
        raise ValidationError({"current": wrong})
    budget.clear()


def set_password(actor: Actor, user: User, password: str, *, now: datetime) -> None:
    """Gives the user a new password: ends all sessions, kills his links, opens a lock. Raises ValidationError."""
    validate_password(password, user)
    _refuse_former(user, password)
    old = user.password if user.has_usable_password() else ""
    user.set_password(password)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(password=user.password, epoch=F("epoch") + 1)
        Link.objects.filter(user=user, used_at=None).update(used_at=now)
        _keep_former(user, old, now)
        devices.forget(user)
        for budget in (attempts.account(user.email_key), attempts.known(user.email_key)):
            budget.clear()
        audit.record(
            actor, "PASSWORD_RESET", subject=user.email, customer=user.customer, partner_id=user.partner_id, at=now
        )
    user.refresh_from_db(fields=["epoch"])


def _refuse_former(user: User, password: str) -> None:
    former = [user.password, *user.former_passwords.order_by("-pk").values_list("password", flat=True)]
    if any(check_password(password, each) for each in former[:HISTORY]):
        message = _("You had this password before. Choose one that is not among the last %(n)d.") % {"n": HISTORY}
        raise ValidationError(message, code="password_used")


def _keep_former(user: User, old: str, now: datetime) -> None:
    if old:
        FormerPassword.objects.create(
            user=user, partner_id=user.partner_id, customer_id=user.customer_id, password=old, replaced_at=now
        )
    kept = user.former_passwords.order_by("-pk").values("pk")[: HISTORY - 1]
    user.former_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
