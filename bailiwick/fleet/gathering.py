"""Heartbeats that wait in memory for one statement a second (docs/adr/0033).

Answered from memory is only what the database said after the last change that concerns the edge; all else is asked as
ever. What waits is newer than what is stored, never different from it: who loses it loses a second of heartbeats.
"""

from __future__ import annotations

import atexit
import json
import logging
import threading
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DataError, connection, transaction

from bailiwick.access.prepared import rows
from bailiwick.access.wall import Beyond, beyond
from bailiwick.fleet.authority import RENEWED
from bailiwick.fleet.beats import KEPT, Beat, Told
from bailiwick.fleet.changes import Changes

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.fleet.arrival import Whose
    from bailiwick.fleet.assignment import Assignment

log = logging.getLogger(__name__)
MOST = 50_000  # edges whose heartbeat waits, about 1 KB each
KNOWN = 100_000  # edges that are answered from memory, about 3 KB each
AT_ONCE = 10_000  # rows in a statement
AGE = 600.0  # seconds after which an edge is read anew, whatever was heard
# In the order of ids, and only what no direct heartbeat has overtaken. An edge that ends, ends with its certificate; of
# a customer that has just gone to the bin the last second may be written, and nobody looks at it there.
FLUSH = f"""
UPDATE bailiwick_devicecontact k SET at = greatest(k.at, h.at), seconds = h.seconds, is_degraded = h.is_degraded,
  run = h.run, sequence = h.sequence, recent = (h.ids || k.recent)[1:{KEPT}],
  software_version = h.software, configuration_version = h.runs,
  configured_at = CASE WHEN k.configuration_version = h.runs THEN k.configured_at ELSE h.at END,
  links = h.links, address = h.address, clock_skew = h.skew
FROM (SELECT set_config('synchronous_commit', 'off', true)) quick,
  json_to_recordset(%s::json) AS h(edge bigint, certificate bigint, at timestamptz, seconds int, is_degraded bool,
    run bigint, sequence bigint, ids uuid[], software varchar, runs varchar, links jsonb, address varchar, skew int)
  JOIN bailiwick_devicecertificate d ON d.id = h.certificate AND d.edge_id = h.edge AND d.revoked_at IS NULL
WHERE k.edge_id = h.edge AND (k.run, k.sequence) < (h.run, h.sequence)
RETURNING k.edge_id
"""


class FullError(Exception):
    """More edges wait than memory is given for: the database does not keep up, or is away."""


@dataclass(slots=True)
class Known:
    """An edge as the database had it after the mark, and the last heartbeat that was taken from it."""

    whose: Whose
    assignment: Assignment
    not_after: datetime
    place: tuple[int, int]
    mark: int
    until: float


class Waiting(NamedTuple):
    """The last heartbeat of an edge, and the ids of those before it that wait as well."""

    known: Known
    beat: Beat
    at: datetime
    ids: tuple[str, ...]

    def after(self, earlier: Waiting | None) -> Waiting:
        """Both as one."""
        return self._replace(ids=(*self.ids, *earlier.ids)[:KEPT]) if earlier else self

    @property
    def row(self) -> dict[str, Any]:
        """In the words of the statement."""
        said, whose = self.beat, self.known.whose
        return {
            "edge": whose.edge_id, "certificate": whose.row_id, "at": self.at.isoformat(),
            "seconds": self.known.assignment.heartbeat_seconds, "is_degraded": said.is_degraded, "run": said.run,
            "sequence": said.sequence, "ids": self.ids, "software": said.software_version,
            "runs": said.configuration_version, "links": said.links, "address": said.address, "skew": said.clock_skew,
        }  # fmt: skip


class Gathering:
    """Of one process; all of it may be asked from any thread."""

    def __init__(self, changes: Changes, *, most: int = MOST) -> None:
        self.changes, self.most = changes, most
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._known: dict[str, Known] = {}
        self._waiting: dict[int, Waiting] = {}
        self._written: dict[int, Waiting] = {}

    def take(self, shown: str, report: Beat, now: datetime) -> Told | None:
        """Keeps it and answers, or says None: the database has to be asked. Raises FullError."""
        with self._lock:
            known = self._known.get(shown)
            if known is None or not self._counts(known, now):
                self._known.pop(shown, None)
                return None
            if report.place <= known.place:
                return None
            edge = known.whose.edge_id
            if edge not in self._waiting and len(self._waiting) + len(self._written) >= self.most:
                raise FullError
            known.place = report.place
            self._waiting[edge] = Waiting(known, report, now, (str(report.id),)).after(self._waiting.get(edge))
        return Told(known.assignment, known.not_after - now < RENEWED)

    def learn(self, shown: str, known: Known) -> None:
        """What the database said of an edge, for its next heartbeats."""
        with self._lock:
            if len(self._known) >= KNOWN and shown not in self._known:
                del self._known[next(iter(self._known))]
            self._known[shown] = known

    def forget(self, shown: str) -> None:
        """Who was refused is asked for, until the database says something else of him."""
        with self._lock:
            self._known.pop(shown, None)

    def settle(self, edge_id: int) -> None:
        """Writes what waits of an edge, before the database judges it."""
        with self._lock:
            waits = edge_id in self._waiting or edge_id in self._written
        if waits:
            self.flush()

    def flush(self) -> int:
        """Writes all that waits; returns how many edges. Raises DatabaseError: then it waits on."""
        total = 0
        with self._writing:
            while batch := self._next():
                try:
                    written = _write_fit(batch)
                except BaseException:
                    self._put_back(batch)
                    raise
                self._end(batch, written)
                total += len(written)
        return total

    def _counts(self, known: Known, now: datetime) -> bool:
        is_young = known.not_after > now and time.monotonic() < known.until
        return is_young and self.changes.none_since(known.mark, known.whose.customer_id)

    def _next(self) -> dict[int, Waiting]:
        with self._lock:
            chosen = list(islice(self._waiting, AT_ONCE))
            self._written = {edge: self._waiting.pop(edge) for edge in chosen}
            return self._written

    def _put_back(self, batch: dict[int, Waiting]) -> None:
        with self._lock:
            for edge, earlier in batch.items():
                later = self._waiting.get(edge)
                self._waiting[edge] = later.after(earlier) if later else earlier
            self._written = {}

    def _end(self, batch: dict[int, Waiting], written: set[int]) -> None:
        """Whom the database did not take is asked for at its next heartbeat."""
        with self._lock:
            self._written = {}
            for edge in batch.keys() - written:
                batch[edge].known.until = 0.0


def _write_fit(batch: dict[int, Waiting]) -> set[int]:
    """All of them at once, or, where one does not fit its columns, all the others one by one."""
    try:
        with transaction.atomic():
            return _write(batch)
    except DataError as error:
        if len(batch) == 1:
            log.warning("a heartbeat of edge %s cannot be written: %s", *batch, " ".join(str(error).split())[:200])
            return set()
    return {edge for each, waits in batch.items() for edge in _write_fit({each: waits})}


def _write(batch: dict[int, Waiting]) -> set[int]:
    said = json.dumps([batch[edge].row for edge in sorted(batch)])
    with beyond(Beyond.GATHERED):
        return {edge for (edge,) in rows(FLUSH, (said,))}


class Here:
    """The gathering of this process, if it has one: elsewhere each heartbeat is written at once."""

    now: Gathering | None = None


def begin(seconds: float) -> None:
    """From now on heartbeats are gathered in this process, and written so many seconds apart."""
    Here.now = made = Gathering(Changes())
    threading.Thread(target=made.changes.listen, name="changes", daemon=True).start()
    threading.Thread(target=_write_on, args=(made, seconds), name="gathered", daemon=True).start()
    atexit.register(made.flush)


def _write_on(made: Gathering, seconds: float) -> None:
    while True:
        time.sleep(seconds)
        try:
            made.flush()
        except Exception:  # whatever it is, the next ones are not given up
            log.exception("heartbeats wait")
            connection.close()  # the next one is made anew
