"""Inserting many rows as one JSON document in one statement: several times faster than one placeholder a value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import Model


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows whose keys are columns, all rows the same ones; columns that are left out have no value.

    Raises IntegrityError. Values are what JSON can say; anything else is written as its text.
    """
    if not rows:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(column) for column in rows[0])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)",
            [json.dumps(rows, default=str)],
        )


def next_ids(model: type[Model], count: int) -> list[int]:
    """Takes ids that nobody else will get, for rows that refer to each other."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, count]
        )
        return [pk for (pk,) in cursor.fetchall()]
