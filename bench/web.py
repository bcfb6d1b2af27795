"""web.*: the customers page through the real server, beside a view of it that asks one small question."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from bench.figure import Figure, both, milliseconds
from bench.floor import FLOOR
from bench.measure import Series
from bench.server import cookie_of, get, memory, processor_ms, server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.world import World

LIMIT = 5.0
CLIENTS = {1: 10, 8: 30}
PAGE = "/customers"
# What the page's own scripts fetch while somebody types, sorts or turns pages.
PARTS = {"search": (f"{PAGE}?search=logistics", 25), "sort": (f"{PAGE}?sort=-edges_down", 10)}
SCRIPT = {"HX-Request": "true"}
GROWTH_MB = 16


def run(world: World) -> Iterator[Figure]:
    """One client, then eight at once; then the part of the page that scripts fetch; then whether a process grows."""
    cookie = {"Cookie": cookie_of(world.actor)}
    each = 20 if world.size.judges else 2
    with server() as (port, process):
        for clients, within in CLIENTS.items():
            floor, ours = _in_turns((port, process), {FLOOR: cookie, PAGE: cookie}, clients, each, world.size.rounds)
            yield _figure(f"web.page.{clients}", floor, ours, within=within, limit=LIMIT)
        for name, (path, within) in PARTS.items():
            floor, ours = _in_turns((port, process), {FLOOR: cookie, path: cookie | SCRIPT}, 1, each, world.size.rounds)
            yield _figure(f"web.{name}.1", floor, ours, within=within)
        yield _growth(port, process, cookie, pages=2_000 if world.size.judges else 20)


def _figure(name: str, floor: Series, ours: Series, *, within: int, limit: float | None = None) -> Figure:
    return Figure(
        name,
        f"{both(ours)}, p95 {milliseconds(ours.p95())}",
        f"SELECT 1 view {both(floor)}",
        ratio=ours.cpu_ms / floor.cpu_ms,
        at_most=limit,
        aim=f"p95 {within} ms",
        aim_met=ours.p95() <= within,
    )


def _in_turns(
    served: tuple[int, int], paths: Mapping[str, dict[str, str]], clients: int, each: int, rounds: int
) -> tuple[Series, Series]:
    """Floor and page by turns, never at the same time: whatever else the machine does falls on both alike."""
    port, process = served
    series = {path: Series() for path in paths}
    for number in range(rounds + 1):
        for path, headers in paths.items():
            before = processor_ms(process)
            walls = visited(port, path, headers, clients, each)
            if number:  # the first round warms the server
                series[path].wall += walls
                series[path].cpu.append((processor_ms(process) - before) / len(walls))
    floor, ours = series.values()
    return floor, ours


def visited(port: int, path: str, headers: dict[str, str], clients: int, each: int) -> list[float]:
    """How long each answer took, with so many browsers at once."""
    with ThreadPoolExecutor(clients) as pool:
        return [wall for walls in pool.map(partial(_client, port, path, headers), [each] * clients) for wall in walls]


def _client(port: int, path: str, headers: dict[str, str], requests: int) -> list[float]:
    """One browser that keeps its connection; every answer is looked at."""
    own = HTTPConnection("127.0.0.1", port, timeout=30)
    walls = []
    for _number in range(requests):
        started = time.perf_counter()
        body = get(own, path, headers)
        walls.append((time.perf_counter() - started) * 1000)
        assert path == FLOOR or b"<table" in body, body[:400]
    own.close()
    return walls


def _growth(port: int, process: int, cookie: dict[str, str], pages: int) -> Figure:
    """What the server's processes hold more of their own after many pages than after a few."""
    paths = [PAGE, *(path for path, _within in PARTS.values()), "/events", "/jobs"]
    _many(port, paths, cookie, pages // 4)
    before = memory(process)
    _many(port, paths, cookie, pages)
    grown = statistics.fmean(memory(process)[pid] - before[pid] for pid in before)
    return Figure(
        "web.growth",
        f"{grown:.1f} MB a process in {pages:,} pages",
        f"{statistics.fmean(before.values()):.0f} MB",
        aim=f"{GROWTH_MB} MB",
        aim_met=grown <= GROWTH_MB,
    )


def _many(port: int, paths: list[str], cookie: dict[str, str], pages: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(_each, port, paths, cookie), [pages // 4] * 4))


def _each(port: int, paths: list[str], cookie: dict[str, str], pages: int) -> None:
    own = HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(pages):
        get(own, paths[number % len(paths)], cookie)
    own.close()
