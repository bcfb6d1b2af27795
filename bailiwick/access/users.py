"""The people of a portal: inviting, disabling, giving roles, unlocking; each change is an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import attempts, letters
from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import ROLES, Permission, permissions_of
from bailiwick.access.scope import users_for
from bailiwick.models import Customer, Level, Link, Token, User
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bailiwick.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """What a form may say about a user; everything else is decided here."""

    email: str
    role: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    mobile: str = ""


def invite(actor: Actor, person: Person, *, now: datetime) -> tuple[User, str]:
    """Adds a user to the actor's own portal and mails the invitation; returns him and the link's path."""
    actor.require(Permission.USER_CREATE)
    return add(actor, person, level=actor.level, partner_id=actor.partner_id, customer=None, now=now)


def add(
    actor: Actor, person: Person, *, level: str, partner_id: int | None, customer: Customer | None, now: datetime
) -> tuple[User, str]:
    """Adds a user of any home for an action that was allowed to. Raises ValidationError `email_taken`."""
    if person.role not in ROLES[level]:
        raise ValidationError({"role": ValidationError(_("Choose one of the roles."), code="invalid_choice")})
    user = User(
        **{field: getattr(person, field) for field in Person.__dataclass_fields__},
        email_key=email_key(person.email), level=level, partner_id=partner_id, customer=customer, created_at=now,
    )  # fmt: skip
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _record(
                actor,
                "CREATE_OPERATOR_USER" if level == Level.OPERATOR else "CREATE_USER",
                user,
                now,
                after={"role": user.role},
            )
            return user, letters.send_invitation(user, now=now)
    except IntegrityError as error:
        if "user_email_unique" not in str(error):
            raise
        taken = ValidationError(_("Another user has this e-mail address."), code="email_taken")
        raise ValidationError({"email": taken}) from None


def taken(emails: Iterable[str]) -> frozenset[str]:
    """Which of these addresses living users have, as `email_key`s, whatever their portal."""
    keys = {email_key(email) for email in emails}
    living = User.objects.filter(email_key__in=keys, deleted_at=None)
    return frozenset(living.values_list("email_key", flat=True)) if keys else frozenset()


def disable(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Shuts the user out at once: sessions, links and tokens."""
    return _change(actor, user_id, {"is_active": False}, "DISABLE_USER", now)


def enable(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Lets the user in again."""
    return _change(actor, user_id, {"is_active": True}, "ENABLE_USER", now)


def change_role(actor: Actor, user_id: int, role: str, *, now: datetime) -> User:
    """Gives the user another role of the same portal; he signs in anew."""
    if role not in ROLES[actor.level]:
        raise ValidationError({"role": ValidationError(_("Choose one of the roles."), code="invalid_choice")})
    _refuse_foreign(_theirs(actor, user_id))
    return _change(actor, user_id, {"role": role}, "UPDATE_USER_ROLE", now)


def delete(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Removes the user; the address is free again, the events stay."""
    return _change(actor, user_id, {"deleted_at": now}, "DELETE_OPERATOR_USER", now)


def unlock(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Forgets failed sign-ins."""
    user = _theirs(actor, user_id)
    with transaction.atomic():
        attempts.account(user.email_key).clear()
        _record(actor, "UNLOCK_USER", user, now)
    return user


def send_reset(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Mails a reset link, or the invitation again to one who never chose a password."""
    user = _theirs(actor, user_id)
    _refuse_foreign(user)
    if not user.is_active:
        raise NotAllowed(_("This user is disabled. Enable the user first."), code="user_disabled")
    with transaction.atomic():
        send = letters.send_reset if user.has_usable_password() else letters.send_invitation
        send(user, now=now)
        _record(actor, "PASSWORD_RESET_SENT", user, now)
    return user


def _refuse_foreign(user: User) -> None:
    """Whom an identity provider signs in has neither password nor role from here (domain 16.2)."""
    if not user.is_native:
        raise NotAllowed(_("This user signs in through your identity provider: change it there."), code="non_native")


def update_own(actor: Actor, *, now: datetime, **fields: str) -> User:
    """Changes the actor's own names, telephone, time zone or theme: no role, no home, no address."""
    user = users_for(actor).get(pk=actor.user_id)
    allowed = {"first_name", "last_name", "phone", "mobile", "timezone"}
    columns: dict[str, Any] = {name: value for name, value in fields.items() if name in allowed}
    before = {name: getattr(user, name) for name, value in columns.items() if getattr(user, name) != value}
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**columns)
        if before:
            _record(actor, "UPDATE_USER", user, now, before=before, after={name: columns[name] for name in before})
    return user


def _change(actor: Actor, user_id: int, values: dict[str, Any], event: str, now: datetime) -> User:
    """One rule for every change of another's rights: not oneself, not the last superuser, and it holds at once."""
    with transaction.atomic():
        superusers = list(_superusers().select_for_update().order_by("pk").values_list("pk", flat=True))
        user = _theirs(actor, user_id)
        before = {name: getattr(user, name) for name in values}
        if before == values:
            return user
        _refuse_harm(actor, user, values, superusers)
        User.objects.filter(pk=user.pk).update(**values, epoch=F("epoch") + 1)
        if "role" not in values:
            Link.objects.filter(user=user, used_at=None).update(used_at=now)
        if "deleted_at" in values:
            Token.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
        _record(actor, event, user, now, before=_plain(before), after=_plain(values))
    user.refresh_from_db()
    return user


def _refuse_harm(actor: Actor, user: User, values: dict[str, Any], superusers: list[int]) -> None:
    if user.pk == actor.user_id:
        raise NotAllowed(_("You cannot change your own rights. Ask another Superuser."), code="own_rights")
    if superusers == [user.pk] and not values.get("is_active"):
        raise NotAllowed(_("This is the last Superuser. Make another one first."), code="last_superuser")
    if "role" in values and not permissions_of(user.level, values["role"]) <= actor.permissions:
        raise NotAllowed(_("You cannot give a role that may do more than yours."), code="role_escalation")


def _superusers() -> Any:
    return User.objects.filter(level=Level.OPERATOR, role="superuser", is_active=True, deleted_at=None)


def _theirs(actor: Actor, user_id: int) -> User:
    """The user, if he belongs to the actor's portal; User.DoesNotExist otherwise."""
    actor.require(Permission.USER_UPDATE)
    return users_for(actor).select_related("customer").get(pk=user_id)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _record(
    actor: Actor,
    name: str,
    user: User,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor,
        name,
        subject=user.email,
        customer=user.customer,
        partner_id=user.partner_id,
        before=before,
        after=after,
        at=now,
    )
