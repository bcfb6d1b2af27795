"""What may be written while somebody only reads: each by name, everything else the database refuses."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator


class Note(Enum):
    """The complete list. None of them touches a row that belongs to a customer."""

    SESSION = "when a browser was last seen, and the end of a session that has had its time"
    TOKEN = "when a token was last used"  # noqa: S105 -- words
    EXPORT = "who took which rows away"


@contextmanager
def noted(_note: Note) -> Iterator[None]:
    """A transaction that may write even in a request that may not."""
    opens = not connection.in_atomic_block
    with transaction.atomic():
        # access/postgresql knows what the request may do.
        if opens and connection.reads_only:  # type: ignore[attr-defined]
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ WRITE")
        yield
