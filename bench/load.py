"""load.all: the seeding of the whole size, beside a raw COPY of the same edges into a bare table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from bench.figure import Figure
from bench.measure import timed
from bench.world import World, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 90


def run(world: World) -> Iterator[Figure]:
    """Copies the edges out and into a table without index, key or trigger; the seeding itself came before."""
    execute("CREATE TEMP TABLE bench_edge (LIKE bailiwick_edge)")
    chunks = _read()
    wall, _cpu = timed(lambda: _write(chunks))
    copied = execute("SELECT count(*) FROM bench_edge")[0][0]
    execute("DROP TABLE bench_edge")
    assert copied >= world.size.edges
    yield Figure(
        "load.all",
        f"{world.seconds_to_load:.1f} s",
        f"COPY of {copied:,} edges {wall / 1000:.1f} s",
        ratio=world.seconds_to_load / (wall / 1000),
        aim=f"{SECONDS} s",
        aim_met=world.seconds_to_load <= SECONDS,
    )


def _read() -> list[bytes]:
    with connection.cursor() as cursor, cursor.cursor.copy("COPY bailiwick_edge TO STDOUT") as copy:
        return [bytes(chunk) for chunk in copy]


def _write(chunks: list[bytes]) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy("COPY bench_edge FROM STDIN") as copy:
        for chunk in chunks:
            copy.write(chunk)
