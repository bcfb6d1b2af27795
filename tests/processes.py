"""Real worker processes on the test's own database, for tests that kill them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.world import World

NO_LONGER = 20.0


class Worker:
    """`manage.py worker` as an operating system process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "django", "worker"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "bailiwick.settings", "DATABASE_URL": _test_database()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> str:
        """Kills it if it still lives, and answers with what it said."""
        if self.process.poll() is None:
            self.process.kill()
        return self.process.communicate(timeout=10)[1]


def _test_database() -> str:
    settings = connection.settings_dict
    options = "&".join(
        f"{name}={settings[setting]}" for name, setting in (("host", "HOST"), ("port", "PORT")) if settings[setting]
    )
    user = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
    return f"postgresql://{user}/{settings['NAME']}?{options}"


def wait_for(condition: Callable[[], bool], *, within: float = NO_LONGER) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        if condition():
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"It did not happen within {within} s.")


@pytest.fixture
def workers(transactional_db: None) -> Iterator[Callable[[], Worker]]:
    """Starts workers, and ends them whatever the test does."""
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker())
        return started[-1]

    yield start
    for worker in started:
        worker.end()


@pytest.fixture
def lasting_world(transactional_db: None) -> World:
    """The cast, committed: other processes see it."""
    return World()
