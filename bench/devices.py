"""device.*: the reference fleet over TLS, and the customers page beside it. `python -m bench --size devices`.

BENCH_DEVICES says how many edges, where the machine is too busy for 5,000; the figure's name says it too.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command

from bailiwick.up.device_door import DOOR
from bench.figure import Figure, milliseconds
from bench.measure import Series
from bench.server import cookie_of, environment, server
from bench.web import PAGE, visited
from bench.world import World, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

A_MINUTE = 1_000
SLOWER = 1.25  # of the pages' median, while all edges report
PAGES, ROUNDS, SECONDS = 20, 3, 60
HEARD = "SELECT count(*), coalesce(sum(sequence), 0)::bigint FROM bailiwick_devicecontact"
LOST = "SELECT count(*) FROM bailiwick_devicecontact WHERE at < now() - seconds * 2.3 * interval '1 second'"


def run(world: World) -> Iterator[Figure]:
    """All are activated, then all report for a minute; pages are read before and with them."""
    edges, cookie = int(os.environ.get("BENCH_DEVICES", world.size.steps[0])), {"Cookie": cookie_of(world.actor)}
    port = _free_port()
    told = {"BAILIWICK_DEVICE_URL": f"https://localhost:{port}"}
    call_command("setup")
    with server(**told) as (web, _process), _door(port):
        before = _pages(web, cookie)
        with _fleet(world, web, edges):
            began = time.monotonic()
            _wait_for(edges)
            yield _activated(edges, time.monotonic() - began)
            time.sleep(SECONDS / 2)  # each of them reports at its own moment
            (_edges, first), since = execute(HEARD)[0], time.monotonic()
            beside = _pages(web, cookie)
            time.sleep(max(0, SECONDS - (time.monotonic() - since)))
            rate = (execute(HEARD)[0][1] - first) / (time.monotonic() - since)
            lost = execute(LOST)[0][0]
    yield Figure(
        f"device.tls.{edges}", f"page {milliseconds(beside.wall_ms)}, p95 {milliseconds(beside.p95())}",
        f"without them {milliseconds(before.wall_ms)}, p95 {milliseconds(before.p95())}",
        ratio=beside.wall_ms / before.wall_ms, at_most=SLOWER, aim=f"{rate:.0f} heartbeats/s",
        aim_met=rate >= 0.9 * edges / 30,
    )  # fmt: skip
    yield Figure("device.heard", f"{lost} of {edges:,} not heard in time", "", ratio=float(lost), at_most=0)


def _activated(edges: int, seconds: float) -> Figure:
    rate = edges / seconds * 60
    told = f"{rate:,.0f} a minute, made over REST and activated over TLS"
    return Figure(
        "device.activations", told, f"{edges:,} edges", aim=f"{A_MINUTE:,} a minute", aim_met=rate >= A_MINUTE
    )


def _pages(port: int, cookie: dict[str, str]) -> Series:
    took = Series()
    for _round in range(ROUNDS):
        took.wall += visited(port, PAGE, cookie, 1, PAGES)
    return took


def _wait_for(edges: int) -> None:
    until = time.monotonic() + 60 + edges / 5
    while execute(HEARD)[0][0] < edges:
        assert time.monotonic() < until, execute(HEARD)
        time.sleep(0.2)


@contextmanager
def _door(port: int) -> Iterator[None]:
    folder = Path(settings.HOME) / "devices"
    files = {"CERTIFICATE": "door.pem", "KEY": "door.key", "AUTHORITY": "authority.pem"}
    told = {f"BAILIWICK_DEVICE_{name}": str(folder / file) for name, file in files.items()}
    process = subprocess.Popen(
        DOOR, env=environment() | told | {"BAILIWICK_DEVICE_LISTEN": f"127.0.0.1:{port}"}, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _fleet(world: World, web: int, edges: int) -> Iterator[None]:
    token = StringIO()
    call_command("token", "create", "--user", "bench@operator.example", "--name", f"fleet-{time.time()}", stdout=token)
    told = {"portal": f"http://127.0.0.1:{web}", "token": token.getvalue().strip(), "customer": str(world.first)}
    with tempfile.TemporaryDirectory(prefix="bailiwick-fleet-") as folder:
        words = [f"--{name}={value}" for name, value in (told | {"folder": folder}).items()]
        process = subprocess.Popen([sys.executable, "-m", "bailiwick.cli", "edge", "fleet", str(edges), *words])
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
