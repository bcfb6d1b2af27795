"""The edge inventory through the real web server: what its processes compute, and what memory they take."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.busier import family_seconds, measured
from bench.figure import Figure
from bench.server import cookie_of, get, memory, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.busier import Run
    from bench.world import World

ADDRESS = "/api/v1/exports/edge-inventory.csv?separator="
SMALL, SMALL_ONES = "/api/v1/exports/view.csv?search=nobody+at+all", 12
PIECE, PIECES_BETWEEN_LOOKS = 256 * 1024, 20
GROWTH_MB = 16


class Fetch:
    """Downloads with a separator, and measures."""

    def __init__(self, port: int, process: int, cookie: str) -> None:
        self.port, self.process, self.cookie = port, process, cookie

    def __call__(self, separator: str) -> Run:
        """One file by the clock."""
        return measured(partial(self.file, separator), client=partial(family_seconds, self.process))

    def file(self, separator: str, sizes: list[dict[int, float]] | None = None) -> tuple[int, float]:
        """Reads it all and keeps nothing; how much, and when the first byte came. Notes the memory, if asked."""
        own = HTTPConnection("127.0.0.1", self.port, timeout=60)
        started = time.perf_counter()
        own.request("GET", ADDRESS + quote(separator), headers={"Cookie": self.cookie})
        answer = own.getresponse()
        assert answer.status == 200, answer.read(400)
        total = len(answer.read(1))
        first = (time.perf_counter() - started) * 1000
        piece, number = bytearray(PIECE), 0
        while count := answer.readinto(piece):
            total, number = total + count, number + 1
            if sizes is not None and number % PIECES_BETWEEN_LOOKS == 0:
                sizes.append(memory(self.process))
        own.close()
        return total, first


@contextmanager
def serving(world: World) -> Iterator[Fetch]:
    """The server, whose processes have all written a file before, and a signed-in reader of its files."""
    with server() as (port, process):
        cookie = cookie_of(world.actor)
        for _number in range(SMALL_ONES):
            get(HTTPConnection("127.0.0.1", port, timeout=60), SMALL, {"Cookie": cookie})
        yield Fetch(port, process, cookie)


def growth(fetch: Fetch) -> Figure:
    """What the server's processes hold more of their own while and after a file of all edges is read."""
    before = memory(fetch.process)
    sizes = [before]
    total, _first = fetch.file(",", sizes)
    after = memory(fetch.process)
    peak = max(size[pid] - before[pid] for size in sizes for pid in before)
    left = max(after[pid] - before[pid] for pid in before)
    return Figure(
        "export.growth",
        f"{peak:.1f} MB while {total / 1e6:.0f} MB leave, {left:.1f} MB after",
        f"{max(before.values()):.0f} MB before",
        ratio=max(peak, 0) / GROWTH_MB,
        at_most=1.0,
        aim=f"{GROWTH_MB} MB",
        aim_met=peak <= GROWTH_MB,
    )
