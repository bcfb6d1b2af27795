"""Browsers are spread evenly over the web processes, and one that is stuck holds nobody up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROCESSES, BROWSERS = 2, 8


def application(_environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Says which process answers."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    settings = {"BAILIWICK_LISTEN": f"127.0.0.1:{number}", "BAILIWICK_WEB_PROCESSES": str(PROCESSES)}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:bailiwick.up.gunicorn_settings", f"{__name__}:application"],
        env={**os.environ, **settings, "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_all(number)
        yield number
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_each_process_serves_as_many_browsers(port: int) -> None:
    browsers = [HTTPConnection("127.0.0.1", port, timeout=20) for _each in range(BROWSERS)]
    for browser in browsers:
        browser.connect()
    spread = Counter(map(_process, browsers))
    # One more or less: on a busy machine a process may not hear of a browser in time.
    assert len(spread) == PROCESSES
    assert min(spread.values()) >= BROWSERS // PROCESSES - 1, spread


def test_a_process_that_is_stuck_holds_no_browser_up(port: int) -> None:
    first = HTTPConnection("127.0.0.1", port, timeout=20)
    busy = _process(first)
    free = next(pid for pid in _processes(port) if pid != busy)
    os.kill(free, signal.SIGSTOP)
    try:
        assert _process(HTTPConnection("127.0.0.1", port, timeout=20)) == busy
    finally:
        os.kill(free, signal.SIGCONT)


def _process(browser: HTTPConnection, **headers: str) -> int:
    browser.request("GET", "/", headers=headers)
    return int(browser.getresponse().read())


def _processes(port: int) -> set[int]:
    """Those that answer, as far as eight browsers find them, who leave again."""
    browsers = [HTTPConnection("127.0.0.1", port, timeout=20) for _each in range(BROWSERS)]
    for browser in browsers:
        browser.connect()
    return {_process(browser, Connection="close") for browser in browsers}


def _wait_for_all(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if len(_processes(port)) == PROCESSES:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("The web processes did not answer.")
