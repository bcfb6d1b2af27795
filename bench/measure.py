"""A stopwatch for wall time and processor time, and rounds in which contenders take turns."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(slots=True)
class Series:
    """What one contender took, round by round, in milliseconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def wall_ms(self) -> float:
        """The median of the clock."""
        return statistics.median(self.wall)

    @property
    def cpu_ms(self) -> float:
        """The median of processor time, client and server together: a busy machine hardly moves it."""
        return statistics.median(self.cpu)

    def p95(self) -> float:
        """The wall time that 95 of 100 rounds stayed under."""
        return sorted(self.wall)[max(0, round(len(self.wall) * 0.95) - 1)]


def take_turns(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, before: Callable[[], object] | None = None
) -> dict[str, Series]:
    """Runs every contender once a round, so that whatever else the machine does falls on all alike."""
    series = {name: Series() for name in contenders}
    for _round in range(rounds):
        for name, contender in contenders.items():
            if before:
                before()
            wall, cpu = timed(contender)
            series[name].wall.append(wall)
            series[name].cpu.append(cpu)
    return series


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of wall clock, and of processor time of this process and of the connection's server process."""
    stat = Path(f"/proc/{server_process()}/schedstat")
    server, client, started = _nanoseconds(stat), time.process_time_ns(), time.perf_counter_ns()
    work()
    ended = time.perf_counter_ns()
    spent = time.process_time_ns() - client + _nanoseconds(stat) - server
    return (ended - started) / 1e6, spent / 1e6


def server_process() -> int:
    """The process that serves Django's connection."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def _nanoseconds(stat: Path) -> int:
    return int(stat.read_text().split()[0])
