"""What a file took: by the clock, and in processor time of the busier of those who made it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection

from bench.world import execute

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_OF_PATIENCE, SECONDS_TO_END = 60, 0.3


class Run:
    """One file."""

    def __init__(self, wall: float, server: float, client: float, result: tuple[int, float]) -> None:
        self.wall, self.busy = wall, max(server, client)
        self.bytes, self.first_ms = result

    @property
    def told(self) -> str:
        """For the reader."""
        speed = self.bytes / 1e6 / self.wall
        return f"{self.wall:.2f} s, {speed:.0f} MB/s, first byte {self.first_ms:.0f} ms"


def measured(work: Callable[[], tuple[int, float]], *, client: Callable[[], float] = time.process_time) -> Run:
    """Runs it: `work` answers with bytes and first byte, `client` with the processor time used up so far."""
    _wait_for_quiet()
    postmaster = int(_stat(int(execute("SELECT pg_backend_pid()")[0][0]))[1])
    server, used, started = family_seconds(postmaster), client(), time.perf_counter()
    result = work()
    wall, used = time.perf_counter() - started, client() - used
    # A server process that is just ending is counted neither as living nor as buried.
    time.sleep(SECONDS_TO_END)
    return Run(wall, family_seconds(postmaster) - server, used, result)


def typical(runs: list[Run]) -> Run:
    """The one that others disturbed least: autovacuum counts as the server's time too."""
    return min(runs, key=lambda run: run.busy)


def superuser() -> dict[str, Any]:
    """Only a superuser may write files on the server; the embedded one's has the same password."""
    return {**connection.get_connection_params(), "user": "postgres"}


def family_seconds(parent: int) -> float:
    """All that a process and its children ever used: those who live, and those whom it has buried."""
    ticks = sum(int(value) for value in _stat(parent)[11:15])
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(parent):
            try:
                found = _stat(int(entry.name))
            except (OSError, IndexError):
                continue
            if int(found[1]) == parent:
                ticks += int(found[11]) + int(found[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _wait_for_quiet() -> None:
    """Autovacuum's processor time would count as the export's: it works for a while after the seeding."""
    vacuums = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
    until = time.monotonic() + SECONDS_OF_PATIENCE
    with psycopg.connect(**superuser(), autocommit=True) as own:
        while time.monotonic() < until and (found := own.execute(vacuums).fetchone()) and found[0]:
            time.sleep(0.5)


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
