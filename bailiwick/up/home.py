"""The state directory of one installation: made or recognised, and locked by the one process that works in it."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARKER = "bailiwick-home"
NEEDED_BYTES = 300 * 1024 * 1024
OURS = frozenset(
    {"secret.key", "devices", "seal.key", "seal.known", "seal.last", "log", "lock", "static", MARKER}
)  # what may lie there before the first start


class ProblemError(Exception):
    """One sentence for the person at the terminal; the command ends with exit code 1."""


class Home:
    """A directory that is ours: it carries our marker, and holds nothing of anybody else."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: int | None = None

    def open(self) -> Home:
        """Makes the directory, or refuses one that something else filled."""
        try:
            self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
            if not (self.path / MARKER).exists():
                self._claim()
            for folder in ("log", "static"):
                (self.path / folder).mkdir(exist_ok=True)
        except OSError as error:
            raise ProblemError(f"{self.path} cannot be used as the state directory: {reason(error)}.") from error
        return self

    def lock(self, owner: str) -> None:
        """Takes the directory for this process; the kernel gives it back however the process ends."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ProblemError(f"{self.path} cannot be used as the state directory: {reason(error)}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise InUseError(f"{self.path} is in use by {holder}.") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{owner} (process {os.getpid()})".encode())
        self._lock = descriptor

    def unlock(self) -> None:
        """Gives the directory back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def check_space(self) -> None:
        """Refuses to start on a disk that is about to be full."""
        free = shutil.disk_usage(self.path).free
        if free < NEEDED_BYTES:
            wanted, there = NEEDED_BYTES // 2**20, free // 2**20
            raise ProblemError(f"No space left for {self.path}: {there} MB are free, {wanted} MB are needed.")

    def _claim(self) -> None:
        if {entry.name for entry in self.path.iterdir()} - OURS:
            raise ProblemError(
                f"{self.path} holds files that are not Bailiwick's; name an empty or new directory in BAILIWICK_HOME.",
            )
        (self.path / MARKER).write_text("1\n")


class InUseError(ProblemError):
    """Another process of ours works in this state directory."""


def reason(error: OSError) -> str:
    """What the system said, without numbers and paths."""
    if error.errno == errno.ENOSPC:
        return "no space left on the disk"
    return (error.strerror or str(error)).lower()
