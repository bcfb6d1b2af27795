"""heartbeat.*, liveness.* and event.*: what a fleet costs, in the portal's own statements."""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from bailiwick.access.history import EventFilter, events
from bailiwick.fleet.arrival import Whose
from bailiwick.fleet.assignment import Assignment
from bailiwick.fleet.beats import Beat
from bailiwick.fleet.changes import Changes
from bailiwick.fleet.gathering import Gathering, Known
from bailiwick.fleet.heartbeat import BEAT
from bailiwick.fleet.liveness import follow
from bench.figure import Figure, milliseconds
from bench.grid import select_one
from bench.measure import take_turns, timed
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

SECOND, ANSWERED = 33_000, 100_000  # of a million edges in a second; those that one process answers from memory
SINGLE = 300
CONTACTS = """
INSERT INTO bailiwick_devicecontact (edge_id, customer_id, partner_id, at, seconds, is_degraded, run, sequence, recent,
  software_version, configuration_version, configured_at, links, address, clock_skew)
SELECT id, customer_id, partner_id, now.at, 30, state = 'DEGRADED', 1, 0, array_fill(gen_random_uuid(), ARRAY[8]),
  software_version, '0123456789abcdef', now.at,
  '[{"name": "wan1", "state": "STABLE", "latency_ms": 20}]', '192.0.2.1', 0
FROM bailiwick_edge, (SELECT %s::timestamptz AS at) now WHERE activation_state = 'ACTIVATED' ORDER BY id
"""
CERTIFICATES = """
INSERT INTO bailiwick_devicecertificate (edge_id, customer_id, partner_id, fingerprint, issued_at, not_after,
  revoked_for)
SELECT edge_id, customer_id, partner_id, 'bench-' || edge_id, %s, %s, ''
FROM bailiwick_devicecontact ORDER BY edge_id LIMIT %s RETURNING id, edge_id, customer_id, partner_id
"""
HOT = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'bailiwick_devicecontact'"
LINKS = [{"name": "wan1", "state": "STABLE", "latency_ms": 20}]
EVENTS = """
COPY (SELECT %s::timestamptz, 'EDGE_DOWN', 'EDGE', 'ERROR', 'Bailiwick', 'worker', '', partner_id, customer_id, name,
  '{"state": "CONNECTED"}', '{"state": "OFFLINE"}' FROM bailiwick_edge ORDER BY id LIMIT 100000) TO STDOUT
"""
INTO = """(at, name, category, severity, actor_name, door, address, partner_id, customer_id, subject, before, after)
FROM STDIN"""
SILENT = """
UPDATE bailiwick_devicecontact SET at = %s WHERE edge_id IN (
  SELECT c.edge_id FROM bailiwick_devicecontact c JOIN bailiwick_edge e ON e.id = c.edge_id
  WHERE e.state = 'CONNECTED' ORDER BY c.edge_id LIMIT 1000)
"""
PAGE, ROUND_TRIPS = 50, 8.0


def run(world: World) -> Iterator[Figure]:
    """All of it is taken back, so that the scenarios after it find what they would have found without it."""
    now = timezone.now()
    with transaction.atomic():
        execute(CONTACTS, [now])
        known = _known(now)
        yield from _heartbeats(known, now)
        yield from _liveness(world, now)
        transaction.set_rollback(True)
    yield _ingest(now)
    yield _page(world, now)
    settle("devicecontact", "devicecertificate", "event", "edge", "customerstat")


def _known(now: datetime) -> list[Known]:
    """As the first heartbeat of each edge would have left them."""
    found = execute(CERTIFICATES, [now, now + timedelta(days=90), ANSWERED])
    execute("ANALYZE bailiwick_devicecontact, bailiwick_devicecertificate")
    told = Assignment(uuid.uuid4(), (None, None, None), 30, uuid.uuid4(), 1, None, None, [])
    return [Known(Whose(*row), told, now + timedelta(days=90), (1, 0), 0, float("inf")) for row in found]


def _gathering(known: Sequence[Known]) -> Gathering:
    made = Gathering(Changes(), most=len(known))
    made.changes.heard(float("inf"))
    for each in known:
        made.learn(f"bench-{each.whose.edge_id}", each)
    return made


def _beat(run: int) -> Beat:
    return Beat(run, 1, uuid.uuid4(), "6.4.0", "0123456789abcdef", LINKS, 0, "192.0.2.1")


def _taken(made: Gathering, known: Sequence[Known], run: int, now: datetime) -> float:
    """Seconds for one heartbeat of each; what TLS, HTTP and the check of the shape take is not among them."""
    reports = [(f"bench-{each.whose.edge_id}", _beat(run)) for each in known]
    began = time.perf_counter()
    for shown, report in reports:
        assert made.take(shown, report, now)
    return time.perf_counter() - began


def _heartbeats(known: list[Known], now: datetime) -> Iterator[Figure]:
    second = known[:SECOND]
    made = _gathering(second)
    taking = _taken(made, second, 2, now)
    before = execute(HOT)[0]
    wall, cpu = timed(made.flush)
    updated, hot = (after - earlier for after, earlier in zip(execute(HOT)[0], before, strict=True))
    assert updated == len(second), updated
    singles = known[-SINGLE:]
    single, single_cpu = timed(lambda: [execute(BEAT, _values(each, now)) for each in singles])
    rate = len(second) / wall * 1000
    yield Figure(
        "heartbeat.unnest.33k", f"{rate:,.0f} rows/s (CPU {milliseconds(cpu)})",
        f"one by one {len(singles) / single * 1000:,.0f} rows/s",
        ratio=(single_cpu / len(singles)) / (cpu / len(second)), aim="100,000 rows/s", aim_met=rate >= 100_000,
    )  # fmt: skip
    told = f"{updated - hot:,} of {updated:,} not HOT"
    yield Figure("heartbeat.hot", told, "", ratio=float(updated - hot), at_most=0)
    cores = (cpu / 1000 + taking) * SECOND / len(second)
    yield Figure(
        "heartbeat.core", f"{cores:.2f} cores for 33,000/s", f"taking {taking:.2f} s, writing {cpu / 1000:.2f} s",
        ratio=cores, at_most=0.2,
    )  # fmt: skip
    yield _memory(known[:-SINGLE], now)


def _memory(known: Sequence[Known], now: datetime) -> Figure:
    """A dictionary beside its copy; with a million edges all of it is that much more."""
    made = _gathering(known)
    taking = _taken(made, known, 3, now)
    copied, _cpu = timed(lambda: dict(made._waiting))
    wall, _cpu = timed(made.flush)
    rate, million = len(known) / taking, wall * 1_000_000 / len(known)
    return Figure(
        "heartbeat.memory", f"{rate:,.0f}/s taken; {len(known):,} written in {milliseconds(wall)}",
        f"copy of the table in memory {milliseconds(copied)}",
        aim="500,000/s; a million written in 50 ms", aim_met=rate >= 500_000 and million <= 50,
    )  # fmt: skip


def _values(known: Known, now: datetime) -> dict[str, object]:
    whose = known.whose
    return {
        "now": now, "edge": whose.edge_id, "certificate": whose.row_id, "run": 2, "sequence": 1, "beat": uuid.uuid4(),
        "degraded": False, "software": "6.4.0", "runs": "0123456789abcdef", "links": json.dumps(LINKS),
        "address": "192.0.2.1", "skew": 0,
    }  # fmt: skip


def _liveness(world: World, now: datetime) -> Iterator[Figure]:
    """A look at every edge, of which nothing has changed, and of which so many fell silent."""
    follow(now)
    ((edges,),) = execute("SELECT count(*) FROM bailiwick_devicecontact")
    count = "SELECT count(*) FROM bailiwick_devicecontact WHERE at < now()"
    took = take_turns({"floor": lambda: execute(count), "ours": lambda: follow(now)}, rounds=world.size.rounds)
    yield Figure(
        "liveness.quiet", f"{edges:,} edges in {milliseconds(took['ours'].wall_ms)}",
        f"counting them {milliseconds(took['floor'].wall_ms)}", ratio=took["ours"].cpu_ms / took["floor"].cpu_ms,
        aim="2 s, as often as it runs", aim_met=took["ours"].wall_ms <= 2_000,
    )  # fmt: skip
    execute(SILENT, [now - timedelta(hours=1)])
    changed: list[int] = []
    wall, cpu = timed(lambda: changed.append(follow(now)))
    assert changed == [1000], changed
    yield Figure(
        "liveness.1000", f"1,000 of {edges:,} fell silent: {milliseconds(wall)} (CPU {milliseconds(cpu)})",
        f"nobody did {milliseconds(took['ours'].wall_ms)}", ratio=wall / took["ours"].wall_ms,
    )  # fmt: skip


def _ingest(now: datetime) -> Figure:
    """Into the table with its indexes, beside a bare copy of it."""
    with connection.cursor() as cursor, cursor.cursor.copy(EVENTS, [now]) as copy:
        said = b"".join(map(bytes, copy))
    rows = said.count(b"\n")
    with transaction.atomic():
        execute("CREATE TEMP TABLE bench_event (LIKE bailiwick_event INCLUDING DEFAULTS) ON COMMIT DROP")
        execute("ALTER TABLE bench_event ALTER id DROP NOT NULL")
        bare, bare_cpu = timed(lambda: _copy("bench_event", said))
        wall, cpu = timed(lambda: _copy("bailiwick_event", said))
        transaction.set_rollback(True)
    rate = rows / wall * 1000
    return Figure(
        "event.ingest", f"{rate:,.0f} events/s", f"without indexes {rows / bare * 1000:,.0f}/s", ratio=cpu / bare_cpu,
        aim="150,000/s", aim_met=rate >= 150_000,
    )  # fmt: skip


def _copy(table: str, said: bytes) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} {INTO}") as copy:
        copy.write(said)


def _page(world: World, now: datetime) -> Figure:
    """The newest of the last day, as an operator reads them."""
    asked = EventFilter(since=now - timedelta(days=1))
    contenders = {"floor": select_one, "ours": lambda: list(events(world.actor, asked)[:PAGE])}
    for each in (*contenders.values(), *contenders.values()):
        each()
    took = take_turns(contenders, rounds=40 if world.size.judges else 2)
    return Figure(
        "event.page", milliseconds(took["ours"].wall_ms), f"SELECT 1 {milliseconds(took['floor'].wall_ms)}",
        ratio=took["ours"].cpu_ms / took["floor"].cpu_ms, at_most=ROUND_TRIPS,
    )  # fmt: skip
