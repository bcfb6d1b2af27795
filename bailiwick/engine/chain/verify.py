"""Walks the chain from its first seal and names the first thing that is not as it was sealed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import connection

from bailiwick.access.wall import SEALER, standing
from bailiwick.engine.chain.events import TODAY, Removed, fault_beside, fault_in, moment
from bailiwick.engine.chain.leaf import LEAF_BYTES
from bailiwick.engine.chain.row import BEFORE_THE_FIRST, Checkpoint, Row, checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NEXT = f"""
SELECT number, sealed_at, ids::text, awaited::text, removed::text, upto, total, leaves, hash, key, signature, {TODAY}
FROM bailiwick_seal s WHERE number > %s ORDER BY number LIMIT 1
"""
NEWEST = """
SELECT number, total, sealed_at, hash, key, signature FROM bailiwick_seal ORDER BY number DESC LIMIT 1
"""
WAITING = """
SELECT count(*) FROM bailiwick_event e
WHERE e.id > (SELECT coalesce(max(upto), 0) FROM bailiwick_seal)
   OR e.id <@ (SELECT awaited FROM bailiwick_seal ORDER BY number DESC LIMIT 1)
"""


class Walk:
    """One look at the whole chain: a seal at a time, so memory does not grow with it."""

    def __init__(self, known: Mapping[str, Ed25519PublicKey], checkpoints: Iterable[Checkpoint] = ()) -> None:
        self.known = known
        self.kept: dict[int, list[Checkpoint]] = defaultdict(list)
        for point in checkpoints:
            self.kept[point.number].append(point)
        self.seals = self.events = self.total = self.waiting = 0
        self.end = BEFORE_THE_FIRST
        self.removed = Removed()

    def fault(self) -> str | None:
        """The first thing that is wrong; None where all holds."""
        with standing(SEALER):
            return next(self._faults(), None)

    def _faults(self) -> Iterator[str]:
        yield from self._untrue_checkpoints()
        while found := _one(NEXT, [self.seals]):
            yield from self._seal(Row(*found[:8]), *found[8:])
        if fault := fault_beside():
            yield fault
        yield from self._lost_tail()
        (self.waiting,) = _one(WAITING)

    def _seal(self, row: Row, digest: bytes, key: str, signature: bytes, today: bytes) -> Iterator[str]:
        name = f"Seal {row.number} of {moment(row.sealed_at)}"
        if row.number != self.seals + 1:
            yield f"Seal {self.seals + 1} is missing: {name} follows upon {self.seals}."
        if row.hash(self.end) != digest:
            yield f"{name} was changed: its hash does not hold."
        if not checkpoint(row, digest, key=key, signature=signature).is_signed_by(self.known):
            yield f"{name} is not signed by a key that is known here (it says {key})."
        if any(point.hash != digest for point in self.kept.pop(row.number, ())):
            yield f"{name} is not the one of the checkpoint that was kept: the chain was written anew."
        if fault := fault_in(row, today, self.removed):
            yield fault
        self.seals, self.total, self.end = row.number, row.total, digest
        self.events += len(today) // LEAF_BYTES

    def _untrue_checkpoints(self) -> Iterator[str]:
        for points in self.kept.values():
            for point in points:
                if not point.is_signed_by(self.known):
                    yield f"The checkpoint of seal {point.number} is not signed by a key that is known here."

    def _lost_tail(self) -> Iterator[str]:
        """What is left of the checkpoints names seals that are not there any more."""
        for number in sorted(self.kept, reverse=True)[:1]:
            point = self.kept[number][0]
            lost = point.events - self.total
            yield (
                f"The chain ends with seal {self.seals} and event {self.total}; a checkpoint of {point.at} knows "
                f"seal {point.number} and {point.events} events: the last {lost} sealed events are lost."
            )


def newest() -> Checkpoint | None:
    """The checkpoint of the last seal."""
    with standing(SEALER):
        found = _one(NEWEST)
    if not found:
        return None
    number, total, at, digest, key, signature = found
    row = Row(number, at, "", "", "", 0, total, b"")
    return checkpoint(row, digest, key=key, signature=signature)


def _one(statement: str, values: list[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
