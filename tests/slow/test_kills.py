"""The long form of the kill tests: worker and PostgreSQL of a whole portal, ten times each, in the middle of a job."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bailiwick.models import CHUNK
from bailiwick.up.postgres import running
from bailiwick.up.supervisor import PROVEN_AFTER
from tests.portal import Portal, new_home, remove_home
from tests.processes import wait_for

pytestmark = pytest.mark.slow
CUSTOMERS, SO_ALREADY = 5_000, 37
RESUMED_WITHIN = 15
# What another connection holds for a moment, so that the job stands still in the middle of a chunk.
HOLDS = {
    # Not one of those that are so already: nobody waits for a row that is to be left alone.
    "a row": "SELECT FROM bailiwick_customer WHERE id = ANY ((SELECT customer_ids FROM bailiwick_selectionchunk s"
    " JOIN bailiwick_job j USING (selection_id) WHERE j.id = %(job)s AND number = %(number)s)::bigint[])"
    " AND alerts_enabled <> %(target)s ORDER BY id OFFSET %(place)s LIMIT 1 FOR UPDATE",
    "the outcome": "INSERT INTO bailiwick_jobchunk (job_id, number, changed, refused, failed, finished_at)"
    " VALUES (%(job)s, %(number)s, 0, 0, 0, now())",
}


class Operator:
    """Asks a real portal over HTTP, and looks into its tables."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        portal.shell("user", "create", "kill@operator.example", "--role", "superuser")
        self.token = portal.shell("token", "create", "--user", "kill@operator.example", "--name", "kill").strip()

    def ask(self, path: str, body: Any = None) -> Any:
        sent = urllib.request.Request(
            f"{self.portal.url}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(sent, timeout=5) as answer:
            return json.loads(answer.read())

    def is_over(self, job: Any) -> bool:
        """False also while nobody answers."""
        try:
            return self.ask(f"/jobs/{job['id']}")["state"] in ("done", "failed", "cancelled")
        except urllib.error.HTTPError as error:
            assert error.code == 503, error.read()
        except OSError:
            pass
        return False

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(str(running(self.portal.home)))

    def row(self, query: str, *values: object) -> tuple[Any, ...]:
        with self.connect() as own:
            return own.execute(query, values).fetchone() or ()


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    """One portal for all twenty kills, with the customers of the jobs; it writes to disk as a real one does."""
    portal = Portal(new_home(), BAILIWICK_FSYNC="1")
    try:
        portal.start()
        portal.shell("seed", "--customers", str(CUSTOMERS), "--edges", "10")
        yield Operator(portal)
    finally:
        portal.stop()
        remove_home(portal.home)


@pytest.mark.parametrize("killed", ["worker", "postgres"])
@pytest.mark.parametrize("seed", range(10))
def test_a_kill_in_the_middle_of_a_job_loses_and_repeats_nothing(operator: Operator, killed: str, seed: int) -> None:
    chance = random.Random(f"{killed} {seed}")
    wait_for(lambda: _has_proven_itself(operator.portal.pid(killed)), within=60)
    target, versions = _prepared(operator, chance)
    portal, worker = operator.portal, operator.portal.pid("worker")
    os.kill(worker, signal.SIGSTOP)
    job = operator.ask("/actions/update-customer-alerts", {"select": {"matching": {}}, "params": {"enabled": target}})
    assert (job["state"], job["total"]) == ("queued", CUSTOMERS)
    what, number = chance.choice(list(HOLDS)), chance.randrange(1, CUSTOMERS // CHUNK - 2)
    with _held(operator, job, what, number=number, place=chance.randrange(CHUNK - SO_ALREADY), target=target) as other:
        os.kill(worker, signal.SIGCONT)
        wait_for(lambda: operator.row("SELECT count(*) FROM pg_locks WHERE NOT granted") != (0,))
        if chance.random() < 0.7:
            other.rollback()
            time.sleep(chance.uniform(0, 0.01))
        _kill(portal.pid(killed))
        killed_at = time.time()
    wait_for(lambda: operator.is_over(job), within=2 * RESUMED_WITHIN)
    before, resumed = _chunks(operator, job, killed_at)
    print(
        f"{killed} {seed}: chunk {number} held by {what}, {before} of {CUSTOMERS // CHUNK} chunks done before the kill,"
        f" resumed after {resumed:.1f} s, all done after {time.time() - killed_at:.1f} s"
    )
    # All but the last chunk commit before they are on the disk (engine/fuse.py): what a crash loses is done again.
    fewest = 0 if killed == "postgres" else 1
    assert fewest <= before < CUSTOMERS // CHUNK, "The kill was not in the middle."
    assert resumed < RESUMED_WITHIN
    _require_exactly_once(operator, job, target=target, versions=versions)
    assert (portal.pid("worker") == worker) == (killed == "postgres"), "Only who was killed is started again."


def _kill(pid: int) -> None:
    """With what it started: PostgreSQL's processes would go on for a moment after the death of their first one."""
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, started)):
        os.kill(each, signal.SIGKILL)


def _has_proven_itself(pid: int) -> bool:
    """Whether it has lived for so long that it is started again at once."""
    try:
        return time.time() - Path(f"/proc/{pid}").stat().st_ctime > PROVEN_AFTER
    except FileNotFoundError:
        return False


def _prepared(operator: Operator, chance: random.Random) -> tuple[bool, int]:
    """All customers stand one way but for some; the job turns the rest. Answers with the way, and all versions."""
    with operator.connect() as own:
        (now,) = own.execute(
            "SELECT count(*) FILTER (WHERE alerts_enabled) > count(*) / 2 FROM bailiwick_customer"
        ).fetchone()
        ids = [pk for (pk,) in own.execute("SELECT id FROM bailiwick_customer ORDER BY id")]
        so_already = chance.sample(ids, SO_ALREADY)
        own.execute("UPDATE bailiwick_customer SET alerts_enabled = (id = ANY(%s)) <> %s", (so_already, now))
        (versions,) = own.execute("SELECT sum(version) FROM bailiwick_customer").fetchone()
    return not now, int(versions)


@contextmanager
def _held(operator: Operator, job: Any, what: str, **where: object) -> Iterator[psycopg.Connection[Any]]:
    (pk,) = operator.row("SELECT id FROM bailiwick_job ORDER BY id DESC LIMIT 1")
    job["pk"] = pk
    other = operator.connect()
    try:
        other.execute(HOLDS[what], {"job": pk, **where})
        yield other
    finally:
        other.close()


def _chunks(operator: Operator, job: Any, killed_at: float) -> tuple[int, float]:
    """How many chunks were done before the kill, and after how many seconds the next one was.

    A statement that a killed worker has sent ends by itself a moment later: what it finishes is done before.
    """
    dead_at = killed_at + 0.2
    query = (
        "SELECT count(*) FILTER (WHERE at < %s), min(at) FILTER (WHERE at >= %s) FROM"
        " (SELECT extract(epoch FROM finished_at) AS at FROM bailiwick_jobchunk WHERE job_id = %s) AS c"
    )
    before, next_at = operator.row(query, dead_at, dead_at, job["pk"])
    return before, float(next_at or killed_at) - killed_at


def _require_exactly_once(operator: Operator, job: Any, *, target: bool, versions: int) -> None:
    """Told by the tables: each customer has one outcome, each change one event and one step of its version."""
    changed = CUSTOMERS - SO_ALREADY
    told = operator.ask(f"/jobs/{job['id']}")
    assert (told["state"], told["counts"]) == (
        "done",
        {"changed": changed, "already": SO_ALREADY, "refused": 0, "failed": 0, "pending": 0},
    )
    pk = job["pk"]
    events = "SELECT count(*), count(DISTINCT customer_id) FROM bailiwick_event WHERE job_id = %s"
    refusals = "SELECT count(*), count(DISTINCT customer_id) FROM bailiwick_jobrefusal WHERE job_id = %s"
    chunks = "SELECT count(*), sum(changed), sum(refused) FROM bailiwick_jobchunk WHERE job_id = %s"
    both = (
        "SELECT count(*) FROM bailiwick_event e JOIN bailiwick_jobrefusal r USING (job_id, customer_id)"
        " WHERE e.job_id = %s"
    )
    assert operator.row(events, pk) == (changed, changed)
    assert operator.row(refusals, pk) == (SO_ALREADY, SO_ALREADY)
    assert operator.row(chunks, pk) == (CUSTOMERS // CHUNK, changed, SO_ALREADY)
    assert operator.row(both, pk) == (0,)
    customers = "SELECT count(*), sum(version) FROM bailiwick_customer WHERE alerts_enabled = %s"
    assert operator.row(customers, target) == (CUSTOMERS, versions + changed)
