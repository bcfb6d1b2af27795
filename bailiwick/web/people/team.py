"""The users of one home as a table: who, which role, in what state, signed in when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from bailiwick.access import attempts, homes, roles
from bailiwick.access.factor import duty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.access.homes import Home
    from bailiwick.models import User


class Member(NamedTuple):
    """One row of the team."""

    user: User
    role: Any
    is_locked: bool
    state: str
    has_factor: bool


def team(actor: Actor, home: Home) -> list[Member]:
    """The users with what the page says about each, in three queries."""
    found = list(home.users(actor).select_related("custom_role").order_by("email_key"))
    locked = attempts.locked([user.email_key for user in found], timezone.now())
    with_factor = duty.holders(found)
    return [
        Member(user, roles.of_user(user).label, user.email_key in locked, _state(user, locked), user.pk in with_factor)
        for user in found
    ]


def _state(user: User, locked: set[str]) -> str:
    if not user.is_active:
        return _("Disabled")
    if user.email_key in locked:
        return _("Locked")
    if not user.is_native:
        return _("Single sign-on")
    return _("Active") if user.has_usable_password() else _("Invited")


def headings() -> list[str]:
    """The columns of the file."""
    return [_("E-mail"), _("First name"), _("Last name"), _("Role"), _("State"), _("Last sign-in"), _("Second factor")]


def rows(actor: Actor, home: Home) -> Iterator[Sequence[object]]:
    """The team for the file."""
    for user, role, _is_locked, state, has_factor in team(actor, home):
        last = user.last_login and user.last_login.isoformat()
        yield (
            user.email,
            user.first_name,
            user.last_name,
            str(role),
            str(state),
            last,
            _("yes") if has_factor else _("no"),
        )


def rights(actor: Actor, home: Home) -> dict[str, bool]:
    """What the page offers to this actor."""
    is_own = home.columns == homes.own(actor).columns
    return {"may_sign_on": is_own and actor.may(homes.permission(home.level, "sign-on"))} | {
        f"may_{name}": actor.may(homes.permission(home.level, verb))
        for name, verb in (("invite", "create"), ("change", "update"), ("remove", "delete"), ("see_tokens", "token"))
    }
