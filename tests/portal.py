"""A whole portal, started as a user starts it, for browser, REST, shell and kill tests."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bailiwick.up.process import dying_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMAND = [sys.executable, "-m", "bailiwick.cli"]
SECONDS_TO_START = 60
WHOLE = {"fleet", "portal", "new_portal", "prepared_home", "chromium"}


def _in_the_background() -> Callable[[], None]:
    """As `make run &` in a script starts it: deaf to Ctrl-C, unless it listens of its own accord."""
    dying = dying_with_parent(signal.SIGTERM)

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        dying()

    return begin


class Portal:
    """`bailiwick up` on a free port with its own state directory."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.more: tuple[str, ...] = ()
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        ours = {"BAILIWICK_HOME": str(home), "BAILIWICK_FSYNC": "0", "DEMO": "0", "DEVICE_PORT": "0"}
        self.environment = {**inherited, **ours, **environment}
        self.sessions: dict[str, Any] = {}
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the portal object
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Starts the portal and answers with what it printed until it was ready."""
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--port", str(self.port), "--home", str(self.home), *self.more],
            env=self.environment,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_in_the_background(),  # noqa: PLW1509 -- no threads in the test process yet
        )
        until, before = time.monotonic() + SECONDS_TO_START, self.output.tell()
        while "Ctrl-C" not in self.said(before):
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"The portal did not start: {self.said(before)}")
            time.sleep(0.02)
        return self.said(before)

    def said(self, since: int = 0) -> str:
        """What the portal printed, from a position on."""
        return os.pread(self.output.fileno(), 1_000_000, since).decode()

    def stop(self) -> int:
        """Ends the portal as Ctrl-C does, and answers with its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def pid(self, name: str) -> int:
        """The process of `web`, `worker`, `postgres` or `up` now."""
        return self.processes()[name]

    def processes(self) -> dict[str, int]:
        return json.loads((self.home / "processes.json").read_text())

    def shell(self, *arguments: str, code: int = 0) -> str:
        """Runs `bailiwick …` beside the portal and answers with its standard output."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            check=False,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def get(self, path: str, *, timeout: float = 10) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait_until(self, path: str, status: int, *, within: float) -> float:
        """How many seconds it took until the path answered with the status."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            try:
                if self.get(path, timeout=2)[0] == status:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer {status} within {within} s")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks what needs a whole portal or a browser, and begins with it: while one waits for a page, others work."""
    for item in items:
        if WHOLE & set(getattr(item, "fixturenames", ())):
            item.add_marker("whole")
    yield
    items.sort(key=lambda item: item.get_closest_marker("whole") is None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def portal(prepared_home: Path) -> Iterator[Portal]:
    """One portal for the whole session of this test process, without demonstration data."""
    yield from started(copied(prepared_home))


@pytest.fixture(scope="session")
def prepared_home() -> Path:
    """A state directory after a first start, to be copied: making the database and its tables takes seconds."""
    return prepared("plain", _empty)


def prepared(name: str, fill: Callable[[Portal], None]) -> Path:
    """A state directory that one process of the run makes and fills, and that all of them copy."""
    shelf = Path(os.environ["BAILIWICK_HOME"]) / "prepared"
    shelf.mkdir(exist_ok=True)
    with (shelf / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shelf / name).exists():
            made = Portal(new_home() if fill is _empty else copied(prepared("plain", _empty)))
            made.start()
            fill(made)
            made.stop()
            made.home.rename(shelf / name)
    return shelf / name


def _empty(_portal: Portal) -> None:
    """Nothing is filled in: a database and its tables, from which the filled ones begin."""


def started(home: Path) -> Iterator[Portal]:
    """The portal of that state directory, for as long as the caller needs it."""
    running = Portal(home)
    running.start()
    yield running
    running.stop()
    remove_home(home)


@pytest.fixture
def new_portal() -> Iterator[Portal]:
    """A portal that was never started; it belongs to one test, which may do with it what it wants."""
    yield from _own_portal(new_home())


@pytest.fixture
def copied_home(prepared_home: Path) -> Iterator[Path]:
    """A copy of the prepared state directory for one test."""
    home = copied(prepared_home)
    yield home
    remove_home(home)


@pytest.fixture
def old_portal(copied_home: Path) -> Iterator[Portal]:
    """A portal of one test that was started and stopped before."""
    yield from _own_portal(copied_home)


def _own_portal(home: Path) -> Iterator[Portal]:
    own = Portal(home)
    yield own
    if own.process:
        own.stop()
    remove_home(home)


def new_home() -> Path:
    """Not pytest's own temporary directory: that is closed to the account PostgreSQL runs under."""
    home = Path(tempfile.mkdtemp(prefix="bailiwick-portal-"))
    home.chmod(0o755)
    return home


def copied(prepared: Path) -> Path:
    """A state directory of its own for who does not want to make one."""
    home = new_home()
    home.rmdir()
    subprocess.run(["cp", "-a", str(prepared), str(home)], check=True)
    return home


def remove_home(home: Path) -> None:
    place = (home / "database").resolve()
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
