"""The portal's own web server, started for a measurement, and a signed-in client of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from bailiwick.access.scope import users_for
from bailiwick.access.session_store import SessionStore
from bailiwick.web.sessions import begin
from bench.floor import FLOOR
from bench.measure import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.access.actor import Actor

SECONDS_TO_START = 60


def cookie_of(actor: Actor) -> str:
    """The cookies of a browser that is signed in as this user."""
    request = HttpRequest()
    request.session = SessionStore()
    begin(request, users_for(actor).get(pk=actor.user_id), timezone.now())
    request.session.save()
    form = f"{settings.CSRF_COOKIE_NAME}={request.META['CSRF_COOKIE']}"
    return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}; {form}"


@contextmanager
def server(**more: str) -> Iterator[tuple[int, int]]:
    """Starts it, with more in its environment; gives its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = (sys.executable, "-P", "-m", "gunicorn", "-c", "python:bailiwick.up.gunicorn_settings", "bailiwick.wsgi")
    served = {"DJANGO_SETTINGS_MODULE": "bench.served", "BAILIWICK_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen(command, env=environment() | served | more, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def get(own: HTTPConnection, path: str, headers: dict[str, str]) -> bytes:
    """The answer to one request; anything but 200 ends the measurement."""
    own.request("GET", path, headers={"Accept": "text/html", **headers})
    answer = own.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status, answer.getheader("location"))
    return body


def memory(process: int) -> dict[int, float]:
    """What each worker of the server holds of its own, not shared with the others, in MB."""
    return {pid: _private(Path(f"/proc/{pid}/smaps_rollup")) for pid in _workers(process)}


def processor_ms(process: int) -> float:
    """What the server's workers and the database behind them have computed so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
        backends = [pid for (pid,) in cursor.fetchall() if pid != server_process()]
    threads = [
        stat for pid in (*_workers(process), *backends) for stat in Path(f"/proc/{pid}/task").glob("*/schedstat")
    ]
    return sum(int(stat.read_text().split()[0]) for stat in threads) / 1e6


def _workers(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _private(rollup: Path) -> float:
    lines = [line.split() for line in rollup.read_text().splitlines() if line.startswith("Private_")]
    return sum(int(line[1]) for line in lines) / 1024


def environment() -> dict[str, str]:
    """For a process that works on the measured database."""
    own = connection.settings_dict
    user, password, host = (quote(str(own[part]), safe="") for part in ("USER", "PASSWORD", "HOST"))
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{user}:{password}@/{own['NAME']}?host={host}",
        "BAILIWICK_HOME": str(settings.HOME),
        "PYTHONPATH": str(Path.cwd()),
    }


def _wait(port: int) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        try:
            get(HTTPConnection("127.0.0.1", port, timeout=5), FLOOR, {})
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("The web server did not answer.")
