"""A statement that every request runs: planned once for each connection, its values read in binary."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection


def first(statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The first row, or None. Django's own cursor would have the statement planned anew each time."""
    with connection.cursor() as cursor, connection.wrap_database_errors, psycopg.Cursor(cursor.connection) as plain:
        return plain.execute(statement, values, prepare=True, binary=True).fetchone()
