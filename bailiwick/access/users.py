"""The people of a portal: inviting, disabling, giving roles, unlocking; each change is an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import attempts, homes, letters, roles
from bailiwick.access.actor import NotAllowed
from bailiwick.access.homes import Home
from bailiwick.access.permissions import ROLES, SUPERUSER
from bailiwick.access.scope import SEEN_USERS, users_for
from bailiwick.access.wall import Beyond, beyond
from bailiwick.models import Customer, Level, Link, Partner, Token, User
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


def invite(actor: Actor, person: Person, *, home: Home | None = None, now: datetime) -> tuple[User, str]:
    """Adds a user to a home and mails the invitation; returns him and the link's path."""
    home = home or homes.own(actor)
    actor.require(homes.permission(home.level, "create"))
    role = roles.choose(actor, home, person.role)
    return _add(actor, person, role.columns(), home, now)


def add(
    actor: Actor, person: Person, *, level: str, partner_id: int | None, customer: Customer | None, now: datetime
) -> tuple[User, str]:
    """Adds a user of any home for an action that was allowed to. Raises ValidationError `email_taken`."""
    if person.role not in ROLES[level]:
        raise ValidationError({"role": ValidationError(_("Choose one of the roles."), code="invalid_choice")})
    partner = Partner.objects.get(pk=partner_id or 0) if level == Level.PARTNER else None
    return _add(actor, person, {"role": person.role}, Home(level, partner=partner, customer=customer), now)


def _add(actor: Actor, person: Person, role: dict[str, Any], home: Home, now: datetime) -> tuple[User, str]:
    facts = {field: getattr(person, field) for field in Person.__dataclass_fields__ if field != "role"}
    user = User(
        **facts, **role, email_key=email_key(person.email), level=home.level,
        partner_id=home.partner_id, customer=home.customer, created_at=now,
    )  # fmt: skip
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _record(actor, _named("CREATE_USER", user), user, now, after={"role": user.role})
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
    with beyond(Beyond.NAMING):
        return frozenset(living.values_list("email_key", flat=True)) if keys else frozenset()


def disable(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Shuts the user out at once: sessions, links and tokens."""
    return _change(actor, user_id, {"is_active": False}, "DISABLE_USER", now)


def enable(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Lets the user in again."""
    return _change(actor, user_id, {"is_active": True}, "ENABLE_USER", now)


def change_role(actor: Actor, user_id: int, role: str, *, now: datetime) -> User:
    """Gives the user another role of the same home; he signs in anew."""
    user = _theirs(actor, user_id, "update")
    _refuse_foreign(user)
    given = roles.choose(actor, homes.home_of(user), role)
    return _change(actor, user_id, given.columns(), "UPDATE_USER_ROLE", now)


def patch(actor: Actor, user_id: int, *, role: str | None, is_active: bool | None, now: datetime) -> None:
    """Both changes or neither."""
    with transaction.atomic():
        if role is not None:
            change_role(actor, user_id, role, now=now)
        if is_active is not None:
            (enable if is_active else disable)(actor, user_id, now=now)


def delete(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Removes the user; the address is free again, the events stay."""
    return _change(actor, user_id, {"deleted_at": now}, "DELETE_USER", now)


def end_sessions(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Signs the user out of every browser; he may sign in again."""
    with transaction.atomic():
        user = _theirs(actor, user_id, "update")
        _refuse_above(actor, user)
        User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
        _record(actor, "END_SESSIONS", user, now)
    return user


def unlock(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Forgets failed sign-ins."""
    user = _theirs(actor, user_id, "update")
    with transaction.atomic():
        for budget in (attempts.account(user.email_key), attempts.known(user.email_key)):
            budget.clear()
        _record(actor, "UNLOCK_USER", user, now)
    return user


def send_reset(actor: Actor, user_id: int, *, now: datetime) -> User:
    """Mails a reset link, or the invitation again to one who never chose a password."""
    user = _theirs(actor, user_id, "update")
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
        raise NotAllowed(_("This user signs in through an identity provider: change it there."), code="non_native")


def seen(actor: Actor, user_id: int) -> User:
    """The user, if the actor may see him. Raises User.DoesNotExist, NotAllowed."""
    return _theirs(actor, user_id, "read")


def changeable(actor: Actor, user_id: int) -> User:
    """The user, if the actor may change what lets him in. Raises User.DoesNotExist, NotAllowed."""
    user = _theirs(actor, user_id, "update")
    _refuse_above(actor, user)
    return user


def update_own(actor: Actor, *, now: datetime, **fields: str) -> User:
    """Changes the actor's own names, telephone, time zone or theme: no role, no home, no address."""
    user = users_for(actor).get(pk=actor.user_id)
    allowed = {"first_name", "last_name", "phone", "mobile", "timezone"}
    columns: dict[str, Any] = {name: fields[name] for name in allowed & fields.keys()}
    before = {name: getattr(user, name) for name, value in columns.items() if getattr(user, name) != value}
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**columns)
        if before:
            _record(actor, "UPDATE_USER", user, now, before=before, after={name: columns[name] for name in before})
    return user


def _change(actor: Actor, user_id: int, values: dict[str, Any], event: str, now: datetime) -> User:
    """One rule for every change of another's rights: not oneself, not one above, not the last superuser; at once."""
    with transaction.atomic():
        user = _theirs(actor, user_id, "delete" if "deleted_at" in values else "update")
        superusers = list(_superusers(user).select_for_update().order_by("pk").values_list("pk", flat=True))
        user.refresh_from_db(fields=list(values))
        before = {name: getattr(user, name) for name, value in values.items() if getattr(user, name) != value}
        if not before:
            return user
        _refuse_harm(actor, user, values, superusers)
        User.objects.filter(pk=user.pk).update(**values, epoch=F("epoch") + 1)
        if "role" not in values:
            Link.objects.filter(user=user, used_at=None).update(used_at=now)
        if "deleted_at" in values:
            Token.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
        after = _plain({name: values[name] for name in before})
        _record(actor, _named(event, user), user, now, before=_plain(before), after=after)
    user.refresh_from_db()
    return user


def _refuse_harm(actor: Actor, user: User, values: dict[str, Any], superusers: list[int]) -> None:
    if user.pk == actor.user_id:
        raise NotAllowed(_("You cannot change your own rights. Ask another Superuser."), code="own_rights")
    _refuse_above(actor, user)
    if superusers == [user.pk] and not values.get("is_active") and actor.level == user.level:
        raise NotAllowed(_("This is the last Superuser. Make another one first."), code="last_superuser")


def _refuse_above(actor: Actor, user: User) -> None:
    if not roles.of_user(user).permissions <= actor.may_give(user.level):
        raise NotAllowed(_("This user may do more than you."), code="above_you")


def _superusers(user: User) -> Any:
    """The superusers of the user's home."""
    mates = User.objects.filter(level=user.level, role=SUPERUSER[user.level], is_active=True, deleted_at=None)
    home = {"customer_id": user.customer_id} if user.level == Level.CUSTOMER else {"partner_id": user.partner_id}
    return mates.filter(**home)


def _theirs(actor: Actor, user_id: int, verb: str) -> User:
    """The user, if the actor may see him (access/scope.py) and do this to users of his level."""
    levels = {theirs for mine, theirs in SEEN_USERS if mine == actor.level}
    if not any(actor.may(homes.permission(level, verb)) for level in levels):
        raise NotAllowed(_("Your role does not allow this."))
    user = users_for(actor).select_related("customer", "partner", "custom_role").get(pk=user_id)
    actor.require(homes.permission(user.level, verb))
    return user


def _named(event: str, user: User) -> str:
    """Operators' users have events of their own (domain 15.2)."""
    is_own = user.level == Level.OPERATOR and event in ("CREATE_USER", "DELETE_USER")
    return event.replace("_USER", "_OPERATOR_USER") if is_own else event


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _record(actor: Actor, name: str, user: User, now: datetime, **facts: dict[str, Any] | None) -> None:
    audit.record(actor, name, subject=user.email, customer=user.customer, partner_id=user.partner_id, at=now, **facts)  # type: ignore[arg-type]
