"""R-41: floods of keys that are none, of open connections and of slow bytes hinder no device that has a key."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bailiwick.edge.orchestrator import AwayError, Orchestrator, RefusedError, trusting
from bailiwick.fleet.keys import new_key
from tests.device.caller import certificate_request
from tests.device.test_whole import fleet  # noqa: F401 -- the portal of these tests
from tests.device.whole import Fleet

FLOODERS = 8
HEAD = b"POST /device/v1/activate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"


def guess(door: Orchestrator, request: str) -> str:
    said = {"key": new_key(), "serial_number": "X", "certificate_request": request}
    try:
        door.ask("POST", "activate", said)
    except RefusedError as refused:
        return refused.code
    except AwayError as away:
        return "waits" if "Wait" in str(away) else "away"
    return "activated"


def flood(fleet: Fleet, keys: int, meanwhile: Any) -> list[str]:  # noqa: F811
    """So many random keys from a few connections, while something else is done."""
    answers: list[str] = []
    authority = fleet.folder / "authority.pem"
    request = certificate_request()

    def run() -> None:
        door = Orchestrator(fleet.door, trusting(authority))
        answers.extend(guess(door, request) for _ in range(keys // FLOODERS))
        door.close()

    threads = [threading.Thread(target=run) for _ in range(FLOODERS)]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join(1800)
    return answers


def _hindered(fleet: Fleet, keys: int, name: str) -> None:  # noqa: F811
    made = [fleet.new(f"{name}-{number}") for number in range(5)]
    took: list[float] = []

    def activate() -> None:
        for number, edge in enumerate(made):
            time.sleep(0.3)
            door = Orchestrator(fleet.door, trusting(fleet.folder / "authority.pem"))
            said = {"key": edge["activation"]["key"], "serial_number": f"{number}"}
            began = time.monotonic()
            door.ask("POST", "activate", {**said, "certificate_request": certificate_request()})
            took.append(time.monotonic() - began)
            door.close()

    answers = flood(fleet, keys, activate)
    assert len(answers) == keys
    assert set(answers) <= {"unknown_key", "waits"}
    assert max(took) < 2, took
    print(f"{keys} keys; the slowest activation meanwhile took {max(took):.2f} s")


@pytest.fixture
def folder(fleet: Fleet) -> Path:  # noqa: F811
    fleet.folder.joinpath("authority.pem").write_text(Path(fleet.portal.home, "devices", "authority.pem").read_text())
    return fleet.folder


def test_r41_random_keys_do_not_hinder_an_activation(fleet: Fleet, folder: Path) -> None:  # noqa: F811
    _hindered(fleet, 800, "quick")


@pytest.mark.slow
def test_r41_a_hundred_thousand_random_keys_do_not_hinder_an_activation(fleet: Fleet, folder: Path) -> None:  # noqa: F811
    _hindered(fleet, 100_000, "long")


def test_open_connections_and_slow_bytes_take_no_thread_for_long(fleet: Fleet, folder: Path) -> None:  # noqa: F811
    parts = urlsplit(fleet.door)
    context = trusting(folder / "authority.pem")
    began = time.monotonic()
    silent = [socket.create_connection((parts.hostname, parts.port)) for _ in range(60)]
    slow: list[ssl.SSLSocket] = []
    for _ in range(4):
        wrapped = context.wrap_socket(
            socket.create_connection((parts.hostname, parts.port)), server_hostname=parts.hostname
        )
        wrapped.sendall(HEAD + b"{")
        slow.append(wrapped)
    assert guess(Orchestrator(fleet.door, context), certificate_request()) in ("unknown_key", "waits")
    assert time.monotonic() - began < 8
    for each in (*silent, *slow):
        each.close()


def test_a_heartbeat_of_too_many_bytes_is_refused_before_it_is_read(fleet: Fleet, folder: Path) -> None:  # noqa: F811
    door = Orchestrator(fleet.door, trusting(folder / "authority.pem"))
    with pytest.raises((RefusedError, AwayError)):
        door.ask("POST", "activate", {"key": "x" * 10_000_000})
    assert json.dumps(fleet.states())
