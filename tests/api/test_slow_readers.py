"""Readers who take a file slowly, or not at all: pages are served as before, and turns come back."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bailiwick.api.problems import Problem
from bailiwick.api.turns import MOST_AT_ONCE, Turn
from tests.portal import Portal

READERS = 20
PATH = "/api/v1/exports/customers.csv"


@contextmanager
def reader(portal: Portal, token: str) -> Iterator[bytes]:
    """Asks for the file, reads its first bytes, and then nothing more."""
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        own.settimeout(20)
        own.connect(("127.0.0.1", portal.port))
        own.sendall(f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {token}\r\n\r\n".encode())
        yield own.recv(400)


def test_twenty_readers_who_stall_keep_nobody_from_the_pages(old_portal: Portal) -> None:
    old_portal.start()
    old_portal.shell("seed", "--customers", "20000", "--edges", "10")
    old_portal.shell("user", "create", "slow@operator.example", "--role", "superuser")
    token = old_portal.shell("token", "create", "--user", "slow@operator.example", "--name", "slow").strip()
    with ExitStack() as readers:
        answers = [readers.enter_context(reader(old_portal, token)) for _number in range(READERS)]
        taken = sum(answer.startswith(b"HTTP/1.1 200") for answer in answers)
        busy = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503")]
        assert (taken >= MOST_AT_ONCE, taken + len(busy)) == (True, READERS)
        assert all(b"Retry-After: 5" in answer for answer in busy)
        for _number in range(10):
            began = time.monotonic()
            assert old_portal.get("/sign-in")[0] == 200
            assert time.monotonic() - began < 2
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with reader(old_portal, token) as answer:
            if answer.startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.1)
    raise AssertionError("No turn came back.")


def test_a_turn_comes_back_when_the_file_ends_is_cut_or_is_never_read() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"x"

    for _round in range(3):
        turns = [Turn(blocks()) for _number in range(MOST_AT_ONCE)]
        with pytest.raises(Problem) as refused:
            Turn(blocks())
        assert (refused.value.status, refused.value.code) == (503, "busy")
        assert list(turns.pop()) == [b"x"]
        cut = turns.pop()
        next(cut)
        cut.close()
        cut.close()
        turns.clear()
