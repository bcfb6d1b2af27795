"""The session behind a cookie, with its user and the system properties in force: one statement a request."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from bailiwick.access.notes import Note, noted
from bailiwick.access.prepared import rows
from bailiwick.access.wall import Beyond, beyond, said
from bailiwick.models import Session, User

if TYPE_CHECKING:
    from collections.abc import Mapping

# The user only if he may sign in (access/login.py); otherwise the session is a stranger's. The same statement says
# whose rows the request sees from now on (access/wall.py): no round trip of its own.
WHO = """
SELECT session_data, properties, {columns},
  set_config('role', coalesce('bailiwick_' || (person).level, current_setting('role')), false),
  set_config('bailiwick.partner', coalesce((person).partner_id::text, ''), false),
  set_config('bailiwick.customer', coalesce((person).customer_id::text, ''), false),
  set_config('bailiwick.user', coalesce((person).id::text, ''), false)
FROM bailiwick_arrival(%s, %s)
"""
SAID = 4
# As much as the column of Django holds: 160 bits.
STORED_LENGTH = 40


def stored_key(key: str) -> str:
    """What the tables keep of a session's key: whoever reads them cannot make the cookie (N-01)."""
    return hashlib.sha256(key.encode()).hexdigest()[:STORED_LENGTH]


class SessionStore(db.SessionStore):
    """Django's sessions in the database; reading one also finds its user."""

    _user: User | None = None
    _properties: Mapping[str, Any] | None = None

    @property
    def user(self) -> User | None:
        """Who is signed in, if he still may be."""
        self._get_session()  # type: ignore[attr-defined]
        return self._user

    @property
    def properties(self) -> Mapping[str, Any] | None:
        """The system properties that differ from their defaults, as of the same moment; None where nothing was read."""
        return self._properties

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our own table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Writes the user into his column, and what the table keeps of the key."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.user_id, row.session_key = data.get(SESSION_KEY), stored_key(row.session_key)
        return row

    def save(self, must_create: bool = False) -> None:  # noqa: FBT002 -- Django's signature
        """Writes the session, also where it was only seen."""
        with beyond(Beyond.ARRIVING), noted(Note.SESSION):
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        """Ends the session, also where its time was found to be over."""
        with beyond(Beyond.ARRIVING), noted(Note.SESSION):
            key = session_key or self.session_key
            super().delete(stored_key(key) if key else None)

    def exists(self, session_key: str) -> bool:
        """Whether the key is taken, whoever has it."""
        with beyond(Beyond.ARRIVING):
            return bool(super().exists(stored_key(session_key)))

    def load(self) -> dict[str, Any]:
        """Reads everything; a key that stands for nothing is forgotten."""
        key = self.session_key or ""
        found = rows(_who(), (stored_key(key), timezone.now())) if key.isalnum() else []
        if not found:
            self._session_key = None
            return {}
        data, properties, *values = found[0][:-SAID]
        self._properties = properties or {}
        self._user = User.from_db("default", _fields(), values) if values[0] is not None else None
        said(self._user)
        return self.decode(data)


@cache
def _fields() -> tuple[str, ...]:
    return tuple(field.attname for field in User._meta.concrete_fields)


@cache
def _who() -> str:
    columns = ", ".join(f"(person).{field.column}" for field in User._meta.concrete_fields)
    return WHO.format(columns=columns)
