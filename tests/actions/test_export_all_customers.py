"""Export All Customers (domain 13, 20.15)."""

from __future__ import annotations

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from tests.world import NOW, World

ACTION = MENU["export-all-customers"]


def example(world: World) -> dict[str, str]:
    return {"separator": ";"}


def test_the_job_is_done_at_once_and_says_where_the_file_is(world: World) -> None:
    job = submit(world.actor(world.olga), ACTION, raw=example(world), now=NOW)
    assert job.state == "done"
    assert "customers.csv" in job.result["download"]
