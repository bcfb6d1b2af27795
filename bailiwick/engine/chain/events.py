"""Whether the events of one seal are what they were when it was made, and which of them is not."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from bailiwick.engine.chain.leaf import LEAF, LEAF_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bailiwick.engine.chain.row import Row

# Lateral and in order: each range is looked up by its numbers, whatever PostgreSQL thinks of their count.
COVERED = """FROM unnest(s.ids) r CROSS JOIN LATERAL (
  SELECT * FROM bailiwick_event WHERE id >= lower(r) AND id < upper(r) ORDER BY id
) e"""
# What its events would be sealed as today.
TODAY = f"(SELECT coalesce(string_agg({LEAF}, '' ORDER BY e.id), '') {COVERED})"
ONE_BY_ONE = f"""
SELECT (SELECT array_agg(ARRAY[e.id::text, (e.at AT TIME ZONE 'UTC')::text, e.name] ORDER BY e.id) {COVERED}), {TODAY}
FROM bailiwick_seal s WHERE s.number = %s
"""
REMOVED = """
SELECT lower(r), upper(r) FROM (
  SELECT unnest(range_agg(removed)) r FROM bailiwick_seal WHERE NOT isempty(removed)
) together ORDER BY 1
"""
# Only rows whose number somebody used up can stand below the last seal and outside of all.
BESIDE = """
SELECT e.id, (e.at AT TIME ZONE 'UTC')::text, e.name FROM bailiwick_event e
WHERE e.id <= (SELECT upto FROM bailiwick_seal ORDER BY number DESC LIMIT 1) AND NOT e.id <@ (
  SELECT coalesce(range_agg(ids), '{}') + (SELECT awaited FROM bailiwick_seal ORDER BY number DESC LIMIT 1)
  FROM bailiwick_seal
) ORDER BY e.id LIMIT 1
"""
TOUCHED = """
SELECT s.number FROM bailiwick_seal s
WHERE s.ids && (SELECT range_agg(int8range(k, k, '[]')) FROM unnest(%s::bigint[]) k) ORDER BY s.number
"""
ONE = f"SELECT s.number, s.sealed_at, s.ids::text, s.leaves, {TODAY} FROM bailiwick_seal s WHERE s.number = %s"
RANGE = re.compile(r"\[(-?\d+),(-?\d+)\)")


@dataclass(frozen=True, slots=True)
class Covered:
    """A seal, as far as its events are concerned."""

    number: int
    sealed_at: datetime
    ids: str
    leaves: bytes


def numbers(text: str) -> Iterator[int]:
    """The numbers of a set that PostgreSQL wrote."""
    for first, beyond in RANGE.findall(text):
        yield from range(int(first), int(beyond))


class Removed:
    """The numbers that had their time, as the chain has them: ranges, so that years of them are few."""

    def __init__(self) -> None:
        self.lowest: list[int] = []
        self.beyond: list[int] = []

    def __contains__(self, pk: int) -> bool:
        """Looks anew before it says no: retention may go on while somebody verifies."""
        if not self._has(pk):
            self._load()
        return self._has(pk)

    def _has(self, pk: int) -> bool:
        place = bisect_right(self.lowest, pk) - 1
        return place >= 0 and pk < self.beyond[place]

    def _load(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(REMOVED)
            rows = cursor.fetchall()
        self.lowest, self.beyond = [row[0] for row in rows], [row[1] for row in rows]


def fault_in(seal: Covered | Row, today: bytes, removed: Removed) -> str | None:
    """What is wrong with the first event of a seal that is wrong; at one glance where nothing is."""
    if today == seal.leaves:
        return None
    with connection.cursor() as cursor:
        cursor.execute(ONE_BY_ONE, [seal.number])
        rows, leaves = cursor.fetchone()
    there = {int(pk): (at, name, leaf) for (pk, at, name), leaf in zip(rows or (), _each(leaves), strict=True)}
    for pk, leaf in zip(numbers(seal.ids), _each(seal.leaves), strict=False):
        if pk not in there:
            if pk not in removed:
                return f"Event {pk} is gone: seal {seal.number} of {moment(seal.sealed_at)} covers it."
        elif there[pk][2] != leaf:
            at, name, _leaf = there[pk]
            return f"Event {pk} of {at} ({name}) was changed after seal {seal.number} of {moment(seal.sealed_at)}."
    return None


def fault_among(ids: Sequence[int]) -> str | None:
    """What is wrong in the seals of some events, before these go for good."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, [list(ids)])
        touched = [number for (number,) in cursor.fetchall()]
    removed = Removed()
    return next((fault for number in touched if (fault := _fault_of(number, removed))), None)


def _fault_of(number: int, removed: Removed) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(ONE, [number])
        *covered, today = cursor.fetchone()
    return fault_in(Covered(*covered), today, removed)


def fault_beside() -> str | None:
    """An event that stands where all were sealed already, and is in no seal."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE)
        found = cursor.fetchone()
    return "Event {} of {} ({}) was put in afterwards: no seal covers it.".format(*found) if found else None


def moment(at: datetime) -> str:
    """A time as it is told."""
    return at.isoformat(sep=" ", timespec="seconds")


def _each(leaves: bytes) -> Iterator[bytes]:
    return (leaves[start : start + LEAF_BYTES] for start in range(0, len(leaves), LEAF_BYTES))
