"""Keeps a portal's processes alive: one that dies is started again, soon at first and then ever more patiently."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.up.process import ended

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

DATABASE = "postgres"
FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0
PROVEN_AFTER = 10.0
PACE = 0.1


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]
    failures: int = 0
    began: float = field(default_factory=time.monotonic)
    due: float | None = None

    def start_again(self) -> None:
        """Counts as a failure until the new process has lived for a while."""
        self.process, self.began, self.due = self.spawn(), time.monotonic(), None

    def has_died(self) -> bool:
        """True once, until `mourn` set the time of the next start."""
        return self.due is None and self.process.poll() is not None

    def mourn(self) -> str:
        """Decides when to start again, and tells what happened."""
        now = time.monotonic()
        self.failures = 0 if now - self.began > PROVEN_AFTER else self.failures + 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** max(0, self.failures - 1))
        self.due = now + delay
        code = self.process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; it is started again in {delay:g} s."


@dataclass
class Supervisor:
    """All processes of one portal, in the order in which they were added."""

    register: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> None:
        """Takes a process that was just started into care."""
        self.children.append(child)
        self._write_register()

    def tend(self) -> None:
        """Looks after every child once."""
        for child in self.children:
            if child.has_died():
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
        """Ends all children: those who use the database together, then the database."""
        users = [child.process for child in self.children if child.name != DATABASE]
        for process in users:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + within
        for process in users:
            ended(process, how=signal.SIGTERM, within=max(0, until - time.monotonic()))
        for child in self.children:
            ended(child.process, how=signal.SIGINT, within=30)
        self.register.unlink(missing_ok=True)

    def _start_again(self, child: Child) -> None:
        try:
            child.start_again()
        except Exception as error:  # noqa: BLE001 -- whatever hinders the start is said, and tried again later
            child.failures += 1
            child.due = time.monotonic() + min(LONGEST_DELAY, FIRST_DELAY * 2**child.failures)
            self.say(f"{child.name} cannot be started: {error}")
        self._write_register()

    def _write_register(self) -> None:
        known = {child.name: child.process.pid for child in self.children}
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
        return b"bailiwick" in Path("/proc", str(pid), "cmdline").read_bytes()
    except OSError:
        return False
