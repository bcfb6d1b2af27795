"""bulk.resume: a worker is killed in the middle of a job and another one ends it; nothing is lost, nothing is twice."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.bulk import Duel
from bench.figure import Figure
from bench.server import environment
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.models import Job

AT_MOST_SECONDS = 60
RIGHT = """
WITH outcomes AS (
  SELECT customer_id FROM bailiwick_event WHERE job_id = %(job)s
  UNION ALL SELECT customer_id FROM bailiwick_jobrefusal WHERE job_id = %(job)s
)
SELECT %(step)s - count(DISTINCT customer_id), count(*) - count(DISTINCT customer_id) FROM outcomes
"""


def run(world: World) -> Iterator[Figure]:
    """The second worker has to wait for the lease of the first: that is most of the time."""
    duel = Duel(world, min(world.size.customers, 100_000))
    duel.make_ready()
    duel.floor()
    duel.make_ready()
    assert duel.job is not None
    with _worker() as first:
        _wait(duel.job, "changed + refused >= total / 3")
        first.kill()
    done = execute("SELECT changed + refused FROM bailiwick_job WHERE id = %s", [duel.job.pk])[0][0]
    started = time.monotonic()
    with _worker():
        _wait(duel.job, "state = 'done'")
    took = time.monotonic() - started
    duel.check()
    lost, repeated = execute(RIGHT, {"job": duel.job.pk, "step": duel.step})[0]
    settle("customer", "job", "jobrefusal")
    yield Figure(
        "bulk.resume",
        f"{lost} lost, {repeated} repeated",
        f"killed after {done:,} of {duel.step:,}; done {took:.1f} s later",
        ratio=float(lost + repeated),
        at_most=0,
    )


@contextmanager
def _worker() -> Iterator[subprocess.Popen[bytes]]:
    """A real process, killed at the end as hard as can be."""
    command = (sys.executable, "-m", "django", "worker")
    settings = {"DJANGO_SETTINGS_MODULE": "bailiwick.settings"}
    process = subprocess.Popen(command, env=environment() | settings, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(job: Job, condition: str) -> None:
    until = time.monotonic() + AT_MOST_SECONDS
    while not execute(f"SELECT {condition} FROM bailiwick_job WHERE id = %s", [job.pk])[0][0]:
        assert time.monotonic() < until, condition
        time.sleep(0.005)
