"""Who acts, from where and through which door: passed to everything, never ambient."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from bailiwick.access.permissions import GIVEN_BELOW, Permission, custom_permissions, permissions_of
from bailiwick.access.prepared import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.models import User


class NotAllowed(Exception):  # noqa: N818 -- reads as the sentence it is
    """The actor's role does not hold the permission, or a gate is closed: 403 at every door."""

    def __init__(self, reason: str, *, code: str = "not_allowed") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Entry(NamedTuple):
    """What somebody came in with: a token, or a session with what the tables keep of its key; neither in the shell."""

    token_id: int = 0
    session: str = ""
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user as the rest of the program sees him."""

    user_id: int
    name: str
    level: str
    role: str
    door: str
    partner_id: int | None = None
    customer_id: int | None = None
    address: str = ""
    timezone: str = "UTC"
    # What a custom role grants and how it is called; None for the roles of access/permissions.py.
    granted: frozenset[Permission] | None = None
    role_name: str = ""
    # He came with a token that may only read (api/caller.py).
    read_only: bool = False
    # What must still stand for whatever takes long to go on (access/staying.py).
    entry: Entry = field(default=Entry(), compare=False, repr=False)
    # The system properties as they were read together with the actor; None where they were not (access/properties.py).
    properties: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, user: User, *, door: str, address: str = "", **known: Any) -> Actor:
        """Makes the actor of a user row; `door` is web, api or shell."""
        return Rights.of(user).actor(door=door, address=address, **known)

    @classmethod
    def stranger(cls, name: str, *, door: str, address: str = "") -> Self:
        """Somebody who is not signed in, by the name he gave: he may do nothing, but it is written down."""
        shown = "".join(character if character.isprintable() else "\ufffd" for character in name)
        return cls(user_id=0, name=shown[:254], level="", role="", door=door, address=address)

    @classmethod
    def console(cls) -> Self:
        """Whoever holds the shell of the host: trusted like an operator superuser (reliability 1.1)."""
        return cls(user_id=0, name="console", level="operator", role="superuser", door="shell")

    @property
    def is_operator(self) -> bool:
        """Whether the whole installation is in scope."""
        return self.level == "operator"

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything this actor's role may do."""
        return permissions_of(self.level, self.role) if self.granted is None else self.granted

    def may_give(self, level: str) -> frozenset[Permission]:
        """What users of a level may have of him, and those may have whom he changes: never more than he has himself.

        Staff of partners use some rights that not every operator has: those he may give below, and not beside him.
        """
        below = self.is_operator and level != self.level
        return self.permissions | GIVEN_BELOW if below else self.permissions

    def may(self, permission: Permission) -> bool:
        """Says whether the role holds the permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed unless the role holds the permission."""
        if not self.may(permission):
            raise NotAllowed("Your role does not allow this.")

    def through(self, door: str) -> Self:
        """Returns the same actor at another door."""
        return replace(self, door=door)


class Rights(NamedTuple):
    """A user who may act, with all that his rights come from: while it is the same, so are they."""

    user_id: int
    name: str
    level: str
    role: str
    partner_id: int | None
    customer_id: int | None
    timezone: str
    role_name: str | None
    permissions: list[str] | None
    mark: str

    @classmethod
    def of(cls, user: User) -> Self:
        """As they stand in a user row that was read; it has no mark, for nobody asks again by it."""
        own = user.custom_role if user.custom_role_id else None
        return cls(
            user.pk, user.email, user.level, user.role, user.partner_id, user.customer_id, user.timezone,
            own.name if own else None, own.permissions if own else None, mark="",
        )  # fmt: skip

    def actor(self, *, door: str, address: str = "", **known: Any) -> Actor:
        """The actor with these rights, and what else is known of him."""
        granted = None if self.permissions is None else custom_permissions(self.level, self.permissions)
        return Actor(
            user_id=self.user_id,
            name=self.name,
            level=self.level,
            role=self.role,
            door=door,
            partner_id=self.partner_id,
            customer_id=self.customer_id,
            address=address,
            timezone=self.timezone,
            granted=granted,
            role_name=self.role_name or "",
            **known,
        )


# What can change in a user who may act, and his rights with it.
_MARK = "concat_ws(' ', u.epoch, u.role, u.custom_role_id, r.version)"
RIGHTS = f"""
SELECT u.id, u.email, u.level, u.role, u.partner_id, u.customer_id, u.timezone, r.name, r.permissions, {_MARK}
FROM bailiwick_user u LEFT JOIN bailiwick_role r ON r.id = u.custom_role_id
WHERE u.id = %s AND u.is_active AND u.deleted_at IS NULL
"""
# The mark alone, for a statement that has to know whether the rights still are as they were read.
MARK_NOW = f"""
SELECT {_MARK} FROM bailiwick_user u LEFT JOIN bailiwick_role r ON r.id = u.custom_role_id
LEFT JOIN bailiwick_customer c ON c.id = u.customer_id
WHERE u.id = %(actor)s AND u.is_active AND u.deleted_at IS NULL AND c.deleted_at IS NULL
"""
LIVES = "SELECT 1 FROM bailiwick_customer WHERE id = %s AND deleted_at IS NULL"


def rights_now(user_id: int) -> Rights | None:
    """The user's rights at this moment, for who asks again and again; None where he may no longer act."""
    found = next((Rights(*row) for row in rows(RIGHTS, (user_id,))), None)
    if found and found.customer_id and not rows(LIVES, (found.customer_id,)):
        return None
    return found


def actor_now(user_id: int, *, door: str, address: str = "") -> Actor | None:
    """Returns the actor with the rights the user has at this moment, or None where he may no longer act."""
    rights = rights_now(user_id)
    return rights.actor(door=door, address=address) if rights else None
