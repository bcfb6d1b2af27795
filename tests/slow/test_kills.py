"""The long form of the kill tests: ten random kills of a worker, and PostgreSQL killed under a whole portal."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import urllib.request
from typing import Any

import pytest

from tests.management.test_worker import RESUMED_WITHIN, big_job, is_over, now_of, require_exactly_once
from tests.portal import Portal
from tests.processes import wait_for
from tests.world import World

pytestmark = pytest.mark.slow
CUSTOMERS = 60_000


@pytest.mark.parametrize("seed", range(10))
def test_a_worker_killed_anywhere_in_a_job_is_followed_by_another(lasting_world: World, workers, seed: int) -> None:
    chance = random.Random(seed)
    job = big_job(lasting_world)
    worker = workers()
    wait_for(lambda: now_of(job).state == "running")
    time.sleep(chance.uniform(0, 1.5))
    worker.send(signal.SIGKILL)
    killed_at, done_before = time.monotonic(), now_of(job).changed
    workers()
    wait_for(lambda: is_over(job) or now_of(job).changed > done_before, within=RESUMED_WITHIN)
    print(f"seed {seed}: {done_before} rows before the kill, resumed after {time.monotonic() - killed_at:.1f} s")
    wait_for(lambda: is_over(job), within=30)
    require_exactly_once(job)


class Operator:
    """Asks a real portal over HTTP."""

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
        with urllib.request.urlopen(sent, timeout=20) as answer:
            return json.loads(answer.read())


def test_postgresql_killed_in_a_job_loses_nothing_and_nobody_needs_a_restart(new_portal: Portal) -> None:
    new_portal.start()
    new_portal.shell("seed", "--customers", str(CUSTOMERS), "--edges", "10")
    operator = Operator(new_portal)
    matching = {"select": {"matching": {}}, "params": {"enabled": False}}
    worker = new_portal.pid("worker")
    job = operator.ask("/actions/update-pre-notifications", matching)
    wait_for(lambda: operator.ask(f"/jobs/{job['id']}")["state"] != "queued")
    os.kill(new_portal.pid("postgres"), signal.SIGKILL)
    killed_at = time.monotonic()
    back = new_portal.wait_until("/readyz", 200, within=30)
    done: dict[str, Any] = {}

    def over() -> bool:
        done.update(operator.ask(f"/jobs/{job['id']}"))
        return done["state"] in ("done", "failed")

    wait_for(over, within=30)
    print(f"database back after {back:.1f} s, job done after {time.monotonic() - killed_at:.1f} s")
    assert done["state"] == "done", done
    assert (done["counts"]["pending"], done["counts"]["changed"] + done["counts"]["refused"]) == (0, done["total"])
    assert operator.ask("/customers?operator_alerts_enabled=true&limit=1")["count"] == 0
    assert new_portal.pid("worker") == worker, "The worker must stay."
