"""Writing tables to files: COPY on a connection of its own, in constant memory, cancelled when the reader goes away."""

from __future__ import annotations

import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import psycopg
from django.db import connection
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.actor import NotAllowed
from bailiwick.access.notes import Note, noted
from bailiwick.access.postgresql.base import OUTSIDE, Place
from bailiwick.access.staying import actor_still
from bailiwick.access.wall import behind, place_of
from bailiwick.engine.exports.dialect import BLOCK, ROW_END, Dialect
from bailiwick.engine.exports.table import STAND_IN
from bailiwick.engine.preview import admit
from bailiwick.models import JobRefusal, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Export
    from bailiwick.engine.exports.table import Table
    from bailiwick.models import Job

# Compiling the query takes longer than it saves, and so do helpers, which would also shuffle the rows. A reader that
# stalls holds a snapshot, and that keeps dead rows from being cleaned: 30 minutes are more than any export takes.
SETTINGS = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL statement_timeout = '30min'
"""
SECONDS_BETWEEN_CHECKS = 1


class Download(NamedTuple):
    """A file that is made while it is read."""

    name: str
    media_type: str
    blocks: Iterator[bytes]


@dataclass(slots=True)
class Tally:
    """How much was handed to the reader."""

    rows: int = 0
    complete: bool = False


def download(
    actor: Actor, action: Export, *, raw: Mapping[str, Any], now: datetime, table: Table | None = None
) -> Download:
    """The file of an export, or of a part of it (`table`). Raises NotAllowed, InvalidParams; then nothing was written.

    When the stream ends, or is cut, one event says who took how many rows.
    """
    dialect = Dialect.of(admit(actor, action, raw))
    name = f"{action.file}-{now:%Y%m%d-%H%M%S}.csv{'.gz' if dialect.compress else ''}"
    blocks = _audited(actor, action, table or action.table(actor), dialect, name)
    return Download(name, "application/gzip" if dialect.compress else "text/csv; charset=utf-8", blocks)


def finish_at_once(job: Job, action: Export, params: Mapping[str, Any], actor: Actor) -> Job:
    """Stores the job as done, with the address of the file as its result, and the customers who are not in it."""
    query = urlencode(Dialect.of(params).query())
    rows, left_out = action.table(actor).rows.count(), list(action.left_out(actor).values_list("pk", "name"))
    job.state, job.started_at, job.finished_at = JobState.DONE, job.created_at, job.created_at
    job.changed, job.refused, job.total = rows, len(left_out), rows + len(left_out)
    job.result = {"download": f"{action.address}?{query}" if query else action.address, "rows": rows}
    job.save()
    JobRefusal.objects.bulk_create(
        JobRefusal(job=job, customer_id=pk, customer_name=name, code="access_withdrawn", reason=str(action.withheld))
        for pk, name in left_out
    )
    return job


def stream(table: Table, dialect: Dialect, tally: Tally | None = None, *, place: Place = OUTSIDE) -> Iterator[bytes]:
    """Writes the table: headings at once, then blocks of 256 KB. Closing it cancels the query (psycopg does)."""
    tally = tally or Tally()
    blocks = _plain(table, dialect, tally, place)
    return _compressed(blocks) if dialect.compress else blocks


def _audited(actor: Actor, action: Export, table: Table, dialect: Dialect, name: str) -> Iterator[bytes]:
    tally = Tally()
    blocks = stream(table, dialect, tally, place=place_of(actor))
    checked = time.monotonic()
    try:
        for block in blocks:
            if time.monotonic() - checked > SECONDS_BETWEEN_CHECKS:
                with behind(actor):
                    _require_still(actor, action)
                checked = time.monotonic()
            yield block
        tally.complete = True
    finally:
        blocks.close()  # type: ignore[attr-defined]
        after = {"rows": tally.rows, "separator": dialect.separator, "complete": tally.complete}
        with behind(actor), noted(Note.EXPORT):
            audit.record(
                actor, action.event, subject=name, partner_id=actor.partner_id, after=after, category=action.category
            )


def _require_still(actor: Actor, action: Export) -> None:
    """Somebody who is disabled, or whose session or token is ended, while he downloads gets no further."""
    current = actor_still(actor)
    if current is None:
        raise NotAllowed(_("The user who started this may no longer act."))
    current.require(action.permission)


def _compressed(blocks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    try:
        for block in blocks:
            yield packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    finally:
        blocks.close()  # type: ignore[attr-defined]


def _plain(table: Table, dialect: Dialect, tally: Tally, place: Place) -> Iterator[bytes]:
    statement = table.statement(dialect)
    separator = dialect.separator.encode()
    with _reader(place) as cursor:
        yield dialect.head(table.headings)
        with cursor.copy(statement) as rows:
            for block, count in _blocks(rows):
                yield block if len(separator) == 1 else _separated(block, count * (len(table.columns) - 1), separator)
                tally.rows += count


def _blocks(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[tuple[bytes, int]]:
    """Joins rows to blocks. The protocol sends one row a message, ended by LF: no quoted break is taken for an end."""
    block, count = bytearray(), 0
    for row in rows:
        block += row
        block[-1:] = ROW_END
        count += 1
        if len(block) >= BLOCK:
            yield bytes(block), count
            block.clear()
            count = 0
    if block:
        yield bytes(block), count


def _separated(block: bytes, expected: int, separator: bytes) -> bytes:
    """Puts the wanted separator in the place of its stand-in; a stand-in that is text stays what it is."""
    stand_in = STAND_IN.encode()
    if block.count(stand_in) == expected:
        return block.replace(stand_in, separator)
    parts = block.split(b'"')
    # Every field is quoted, so what stands between fields is every second part; a doubled quote leaves an empty one.
    parts[::2] = [part.replace(stand_in, separator) for part in parts[::2]]
    return b'"'.join(parts)


@contextmanager
def _reader(place: Place) -> Iterator[psycopg.Cursor[Any]]:
    """A connection of its own, in a read-only snapshot: a request's would be held as long as the reader reads."""
    ours: Any = connection
    own = psycopg.connect(**ours.get_connection_params())
    try:
        own.read_only = True
        own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        own.execute(f"{SETTINGS};{ours.reads(place)}")
        yield own.cursor()
    finally:
        own.close()
