"""web.page: the customers page through the real server, beside a page of it that asks one small question."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from bailiwick.access.scope import users_for
from bailiwick.web.sessions import begin
from bench.figure import Figure, milliseconds
from bench.measure import Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.world import World

LIMIT = 5.0
CLIENTS = {1: 10, 8: 30}
PAGES = {"page": "/customers", "search": "/customers?search=logistics", "sort": "/customers?sort=-edges_down"}


def run(world: World) -> Iterator[Figure]:
    """One client, then eight at once; every answer is looked at."""
    cookie = _cookie(world)
    requests = 60 if world.size.judges else 6
    with _server() as port:
        for clients, within in CLIENTS.items():
            paths = PAGES if clients == 1 else {"page": PAGES["page"]}
            for name, path in paths.items():
                floor = _visited(port, "/readyz", cookie, clients, requests)
                ours = _visited(port, path, cookie, clients, requests)
                yield Figure(
                    f"web.{name}.{clients}",
                    f"{milliseconds(ours.wall_ms)}, p95 {milliseconds(ours.p95())}",
                    f"/readyz {milliseconds(floor.wall_ms)}",
                    ratio=ours.wall_ms / floor.wall_ms,
                    at_most=LIMIT if name == "page" else None,
                    aim=f"p95 {within} ms",
                    aim_met=ours.p95() <= within,
                )


def _cookie(world: World) -> str:
    from importlib import import_module

    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    begin(request, users_for(world.actor).get(pk=world.actor.user_id), timezone.now())
    request.session.save()
    return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = (sys.executable, "-P", "-m", "gunicorn", "-c", "python:bailiwick.up.gunicorn_settings", "bailiwick.wsgi")
    process = subprocess.Popen(command, env=_environment(port), stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _environment(port: int) -> dict[str, str]:
    own = connection.settings_dict
    user, password, host = (quote(str(own[part]), safe="") for part in ("USER", "PASSWORD", "HOST"))
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bailiwick.settings",
        "DATABASE_URL": f"postgresql://{user}:{password}@/{own['NAME']}?host={host}",
        "BAILIWICK_HOME": str(settings.HOME),
        "BAILIWICK_LISTEN": f"127.0.0.1:{port}",
        "PYTHONPATH": str(Path.cwd()),
    }


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if _get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/readyz", "").startswith(b"ready"):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The web server did not answer.")


def _visited(port: int, path: str, cookie: str, clients: int, requests: int) -> Series:
    series = Series()
    with ThreadPoolExecutor(clients) as pool:
        for walls in pool.map(partial(_client, port, path, cookie), [requests] * clients):
            series.wall += walls
    return series


def _client(port: int, path: str, cookie: str, requests: int) -> list[float]:
    """One browser that keeps its connection; the first answers warm the server and are not counted."""
    own = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    walls = []
    for number in range(requests + 5):
        started = time.perf_counter()
        body = _get(own, path, cookie)
        if number >= 5:
            walls.append((time.perf_counter() - started) * 1000)
        assert path == "/readyz" or b"<table" in body, body[:400]
    own.close()
    return walls


def _get(own: http.client.HTTPConnection, path: str, cookie: str) -> bytes:
    own.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
    answer = own.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, answer.getheader("location"))
    return body
