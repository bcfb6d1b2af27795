"""Which roles there are in a home, which of them an actor may give, and the custom ones (domain 16.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick import audit
from bailiwick.access.actor import Actor, NotAllowed
from bailiwick.access.homes import Home, own, permission
from bailiwick.access.permissions import (
    CUSTOM,
    FIXED,
    ROLE_LABELS,
    ROLES,
    SUPERUSER,
    Permission,
    custom_permissions,
)
from bailiwick.access.properties import property_value
from bailiwick.access.scope import roles_for
from bailiwick.access.stale import stale
from bailiwick.models import Role
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bailiwick.models import User

SWITCH = "session.options.enableRoleCustomization"


@dataclass(frozen=True, slots=True)
class Given:
    """A role as it is given to a user: `key` is its name in forms, `custom:7` for a custom one."""

    key: str
    label: Any
    permissions: frozenset[Permission]
    row: Role | None = None

    def columns(self) -> dict[str, Any]:
        """What stands in the user's row."""
        return {"role": CUSTOM if self.row else self.key, "custom_role_id": self.row.pk if self.row else None}


def all_of(home: Home) -> list[Given]:
    """Every role of a home, ours first."""
    ours = [Given(name, ROLE_LABELS[name], granted) for name, granted in ROLES[home.level].items()]
    return ours + [_given(row) for row in Role.objects.filter(**home.columns).order_by("name_key")]


def offered(actor: Actor, home: Home) -> list[Given]:
    """The roles that the actor may give there: none that may do more than he."""
    return [role for role in all_of(home) if role.permissions <= actor.may_give(home.level)]


def choose(actor: Actor, home: Home, key: str) -> Given:
    """The role of this key. Raises ValidationError, or NotAllowed where it may do more than the actor."""
    role = next((role for role in all_of(home) if role.key == key), None)
    if role is None:
        raise ValidationError({"role": ValidationError(_("Choose one of the roles."), code="invalid_choice")})
    if not role.permissions <= actor.may_give(home.level):
        raise NotAllowed(_("You cannot give a role that may do more than yours."), code="role_escalation")
    return role


def of_user(user: User) -> Given:
    """The role that the user has."""
    if user.custom_role:
        return _given(user.custom_role)
    return Given(user.role, ROLE_LABELS.get(user.role, user.role), ROLES[user.level].get(user.role, frozenset()))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form says about a custom role."""

    name: str
    base: str
    permissions: frozenset[Permission]


def create(actor: Actor, draft: Draft, *, now: datetime) -> Role:
    """Makes a custom role in the actor's own home. Raises NotAllowed, ValidationError."""
    _require_open(actor)
    home = own(actor)
    _check(actor, draft)
    row = Role(
        level=home.level, partner_id=home.partner_id, customer_id=home.customer_id, base=draft.base, created_at=now
    )
    return _save(actor, row, draft, "CREATE_ROLE", now)


def update(actor: Actor, role_id: int, draft: Draft, *, version: int, now: datetime) -> Role:
    """Changes a role; whoever has it may do the new things, and no others, from his next request on."""
    _require_open(actor)
    with transaction.atomic():
        row = roles_for(actor).select_for_update(of=("self",)).get(pk=role_id)
        if row.version != version:
            raise stale("UPDATE_ROLE", row.name, row)
        _require_reach(actor, row)
        _check(actor, draft)
        return _save(actor, row, draft, "UPDATE_ROLE", now)


def delete(actor: Actor, role_id: int, *, now: datetime) -> None:
    """Removes a role that nobody has."""
    _require_open(actor)
    with transaction.atomic():
        row = roles_for(actor).select_for_update(of=("self",)).get(pk=role_id)
        _require_reach(actor, row)
        users = row.users.filter(deleted_at=None).count()
        if users:
            one, many = (
                "%(n)d user has this role. Give it another one.",
                "%(n)d users have this role. Give them another one.",
            )
            raise ValidationError(ngettext(one, many, users) % {"n": users}, code="used")
        row.users.update(role=row.base, custom_role=None)
        _record(actor, "DELETE_ROLE", row, now, before=_facts(row))
        row.delete()


def _require_open(actor: Actor) -> None:
    actor.require(permission(actor.level, "role"))
    if not property_value(SWITCH):
        raise NotAllowed(_("Role customization is switched off for this installation."), code="roles_closed")


def _require_reach(actor: Actor, row: Role) -> None:
    if row.users.filter(pk=actor.user_id).exists():
        raise NotAllowed(_("You cannot change your own rights. Ask another Superuser."), code="own_rights")
    if not _given(row).permissions <= actor.may_give(row.level):
        raise NotAllowed(_("This role may do more than yours."), code="above_you")


def _check(actor: Actor, draft: Draft) -> None:
    """Never more than the maker holds, never beyond the level, and what is fixed stays as in the base."""
    if draft.base not in ROLES[actor.level]:
        raise _wrong("base", _("Choose one of the roles."), "invalid_choice")
    ceiling = ROLES[actor.level][SUPERUSER[actor.level]]
    if not draft.permissions <= ceiling & actor.may_give(actor.level):
        raise _wrong("permissions", _("You cannot give a role that may do more than yours."), "role_escalation")
    fixed = (draft.permissions ^ ROLES[actor.level][draft.base]) & FIXED
    if fixed:
        message = _("These stay as in the role it is made from: %(names)s.") % {"names": ", ".join(sorted(fixed))}
        raise _wrong("permissions", message, "fixed_permission")


def _save(actor: Actor, row: Role, draft: Draft, event: str, now: datetime) -> Role:
    before = _facts(row) if row.pk else None
    row.name, row.name_key, row.base = draft.name, name_key(draft.name), draft.base
    row.permissions = sorted(draft.permissions)
    row.version += 1 if row.pk else 0
    try:
        with transaction.atomic():
            row.save()
            _record(actor, event, row, now, before=before, after=_facts(row))
    except IntegrityError as error:
        if "role_name_unique" not in str(error):
            raise
        raise _wrong("name", _("Another role has this name."), "name_taken") from None
    return row


def _wrong(field: str, message: str, code: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})


def _given(row: Role) -> Given:
    return Given(f"{CUSTOM}:{row.pk}", row.name, custom_permissions(row.level, row.permissions), row)


def _facts(row: Role) -> dict[str, Any]:
    return {"name": row.name, "base": row.base, "permissions": row.permissions}


def _record(actor: Actor, event: str, row: Role, now: datetime, *, before: Any = None, after: Any = None) -> None:
    audit.record(
        actor, event, subject=row.name, customer=row.customer, partner_id=row.partner_id,
        before=before, after=after, category="SECURITY", at=now,
    )  # fmt: skip


def known(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions of these names. Raises ValidationError where one is none."""
    try:
        return frozenset(Permission(name) for name in names)
    except ValueError:
        raise _wrong("permissions", _("There is no such permission."), "invalid_choice") from None
