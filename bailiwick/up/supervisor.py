"""Keeps a portal's processes alive: one that dies is started again, soon at first and then ever more patiently."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bailiwick.up.process import alive

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0
PROVEN_AFTER = 10.0
PACE = 0.1


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    began: float = 0.0
    due: float | None = None

    def start(self) -> None:
        self.process, self.began, self.due = self.spawn(), time.monotonic(), None

    def ended(self) -> bool:
        return self.due is None and self.process is not None and self.process.poll() is not None

    def mourn(self) -> str:
        """Decides when to start again, and tells what happened."""
        now = time.monotonic()
        self.failures = 0 if now - self.began > PROVEN_AFTER else self.failures + 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** max(0, self.failures - 1))
        self.due = now + delay
        code = self.process.returncode if self.process else 0
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; it is started again in {delay:g} s."


@dataclass
class Supervisor:
    """All processes of one portal, in the order in which they were added."""

    register: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> None:
        self.children.append(child)
        if child.process is None:
            child.start()
        child.began = time.monotonic()
        self._write_register()

    def tend(self) -> None:
        """Looks after every child once."""
        for child in self.children:
            if child.ended():
                self.say(child.mourn())
            elif child.due is not None and time.monotonic() >= child.due:
                self._start_again(child)

    def tend_until(self, done: Callable[[], bool], *, within: float = float("inf")) -> bool:
        """Looks after the children until something is true; false when time ran out first."""
        until = time.monotonic() + within
        while not done():
            if time.monotonic() > until:
                return False
            self.tend()
            time.sleep(PACE)
        return True

    def stop(self, *, within: float = 15.0) -> None:
        """Ends all children: together, except that the first one, the database, outlives those who use it."""
        for child in reversed(self.children):
            if child.name != "postgres" and alive(child.process):
                child.process.terminate()  # type: ignore[union-attr] -- alive says that it is there
        until = time.monotonic() + within
        for child in reversed(self.children):
            if child.name != "postgres":
                _wait(child.process, until)
        for child in self.children:
            if child.name == "postgres" and alive(child.process):
                child.process.send_signal(signal.SIGINT)  # type: ignore[union-attr]
                _wait(child.process, time.monotonic() + 30)
        self.register.unlink(missing_ok=True)

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except Exception as error:  # noqa: BLE001 -- whatever hinders the start is said, and tried again later
            child.failures += 1
            child.due = time.monotonic() + min(LONGEST_DELAY, FIRST_DELAY * 2**child.failures)
            self.say(f"{child.name} cannot be started: {error}")
        self._write_register()

    def _write_register(self) -> None:
        known = {child.name: child.process.pid for child in self.children if child.process}
        fresh = self.register.with_suffix(".new")
        fresh.write_text(json.dumps({"up": os.getpid(), **known}))
        fresh.replace(self.register)


def wait_for_leftovers(register: Path, *, within: float = 20.0) -> None:
    """Waits until the children of a run that was killed are gone: the kernel told them to end when it was."""
    if not register.exists():
        return
    until = time.monotonic() + within
    for pid in json.loads(register.read_text() or "{}").values():
        while _is_ours(pid) and time.monotonic() < until:
            time.sleep(PACE)
    register.unlink(missing_ok=True)


def _is_ours(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            return b"bailiwick" in line.read()
    except OSError:
        return False


def _wait(process: subprocess.Popen[bytes] | None, until: float) -> None:
    if process is None:
        return
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
        process.wait()
