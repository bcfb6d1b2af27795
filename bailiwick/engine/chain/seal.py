"""Seals what was committed since the last seal: no event twice, none left out, and nobody who writes waits for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from bailiwick.access.wall import SEALER, standing
from bailiwick.engine.chain.key import signing_key
from bailiwick.engine.chain.leaf import LEAF
from bailiwick.engine.chain.row import BEFORE_THE_FIRST, EMPTY, Checkpoint, Row, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.db.backends.utils import CursorWrapper

# So much memory one seal takes at most, however much was committed at once: 32 bytes each here, a row each there.
PIECE = 10_000
LONGEST_WAIT, PAUSE = 1.0, 0.02
# Whoever adds to the chain, be it a worker on another machine, adds after the other. A checkpoint that was sent out is
# never lost in a crash, nor are the events before it: they are written to disk with the seal.
CHAIN_LOCK = "SET LOCAL synchronous_commit = 'on'; SELECT pg_advisory_xact_lock(7307)"
LAST = "SELECT number, hash, upto, awaited::text, total FROM bailiwick_seal ORDER BY number DESC LIMIT 1"
IS_NEW = "SELECT EXISTS (SELECT FROM bailiwick_event WHERE id > %s)"
HIGHEST = "SELECT coalesce(max(id), 0) FROM bailiwick_event"
# Who may hold a number and not have committed yet: the lock is taken before the number is.
WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'bailiwick_event'::regclass AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
# Lateral: of the whole table PostgreSQL would think that it is quicker to read it all.
TAKE = f"""
WITH late AS (
  SELECT e.* FROM unnest(%(awaited)s::int8multirange) r CROSS JOIN LATERAL (
    SELECT * FROM bailiwick_event WHERE id >= lower(r) AND id < upper(r) ORDER BY id LIMIT %(piece)s
  ) e
), fresh AS (
  SELECT e.* FROM bailiwick_event e WHERE e.id > %(upto)s ORDER BY e.id LIMIT %(piece)s
), taken AS MATERIALIZED (
  SELECT e.id, {LEAF} AS leaf
  FROM (SELECT * FROM late UNION ALL SELECT * FROM fresh ORDER BY id LIMIT %(piece)s) e
), together AS (
  SELECT count(*) AS n, greatest(max(id), %(upto)s) AS upto, string_agg(leaf, '' ORDER BY id) AS leaves,
    coalesce(range_agg(int8range(id, id, '[]')), '{{}}') AS ids
  FROM taken
)
SELECT n, upto, ids::text, coalesce(leaves, ''), (
    %(awaited)s::int8multirange + int8multirange(int8range(%(upto)s, upto, '(]')) - ids
    - CASE WHEN n < %(piece)s THEN int8multirange(int8range(NULL, %(decided)s, '(]')) ELSE '{{}}' END
  )::text
FROM together
"""
ADD = """
INSERT INTO bailiwick_seal (number, sealed_at, ids, awaited, removed, upto, total, leaves, hash, key, signature)
VALUES (%s, %s, %s::int8multirange, %s::int8multirange, %s::int8multirange, %s, %s, %s, %s, %s, %s)
"""
AS_SET = "SELECT coalesce(range_agg(int8range(k, k, '[]')), '{}')::text FROM unnest(%s::bigint[]) k"


class Last(NamedTuple):
    """Where the chain ends now."""

    number: int
    hash: bytes
    upto: int
    awaited: str
    total: int


def seal(now: datetime, *, leaving: Callable[[], bool]) -> Checkpoint | None:
    """Seals all that is committed and returns the last checkpoint, or None where nothing was new."""
    made = None
    with standing(SEALER):
        if not _is_anything_new():
            return None
        decided = _decided()
        while not leaving():
            fresh, is_over = _seal_piece(now, decided)
            made = fresh or made
            if is_over:
                break
    return made


def add_removed(cursor: CursorWrapper, ids: Sequence[int], *, now: datetime) -> None:
    """Says in the chain which events had their time; part of the transaction that removes them."""
    cursor.execute(AS_SET, [list(ids)])
    (removed,) = cursor.fetchone()
    last = _last(cursor)
    _add(cursor, last, Row(last.number + 1, now, EMPTY, last.awaited, removed, last.upto, last.total, b""))


def _is_anything_new() -> bool:
    with connection.cursor() as cursor:
        last = _end(cursor)
        cursor.execute(IS_NEW, [last.upto])
        return bool(cursor.fetchone()[0]) or last.awaited != EMPTY


def _decided() -> int:
    """The number up to which whatever is not there now never will be; 0 where a writer does not end.

    Numbers are given before their rows are committed. A number is missing for good when all who wrote at the time
    have ended: nobody has to wait for us, we look again until they have.
    """
    with connection.cursor() as cursor:
        cursor.execute(HIGHEST)
        (highest,) = cursor.fetchone()
        before = _writers(cursor)
        until = time.monotonic() + LONGEST_WAIT
        while before & _writers(cursor):
            if time.monotonic() > until:
                return 0
            time.sleep(PAUSE)
    return int(highest)


def _writers(cursor: CursorWrapper) -> set[str]:
    cursor.execute(WRITERS)
    return {row[0] for row in cursor.fetchall()}


def _seal_piece(now: datetime, decided: int) -> tuple[Checkpoint | None, bool]:
    """One seal at most, and whether that was all."""
    with transaction.atomic(), connection.cursor() as cursor:
        last = _last(cursor)
        asked: dict[str, str | int] = {"awaited": last.awaited, "upto": last.upto, "decided": decided, "piece": PIECE}
        cursor.execute(TAKE, asked)
        count, upto, ids, leaves, awaited = cursor.fetchone()
        if not count and awaited == last.awaited:
            return None, True
        row = Row(last.number + 1, now, ids, awaited, EMPTY, upto, last.total + count, leaves)
        return _add(cursor, last, row), count < PIECE


def _last(cursor: CursorWrapper) -> Last:
    """The end of the chain, which stays it until this transaction ends."""
    cursor.execute(CHAIN_LOCK)
    return _end(cursor)


def _end(cursor: CursorWrapper) -> Last:
    cursor.execute(LAST)
    found = cursor.fetchone()
    return Last(*found) if found else Last(0, BEFORE_THE_FIRST, 0, EMPTY, 0)


def _add(cursor: CursorWrapper, last: Last, row: Row) -> Checkpoint:
    point = signed(row, last.hash, signing_key(settings.HOME))
    sets = (row.ids, row.awaited, row.removed)
    values = (row.number, row.sealed_at, *sets, row.upto, row.total, row.leaves)
    cursor.execute(ADD, [*values, point.hash, point.key, point.signature])
    return point
