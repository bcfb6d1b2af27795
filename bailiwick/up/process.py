"""Starting a process that ends when its parent does, under another account if need be."""

from __future__ import annotations

import ctypes
import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 10 * 1024 * 1024
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """The system account a process runs under."""

    uid: int
    gid: int

    def can(self, what: str, path: Path) -> bool:
        """Whether the account may read (r), write (w) or enter (x) a path: the kernel is asked, not the bits."""
        asked = subprocess.run(
            ["/usr/bin/test", f"-{what}", str(path)],
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
        )
        return asked.returncode == 0


def unprivileged() -> Account | None:
    """The account for PostgreSQL, which refuses root: none is needed unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def spawn(
    command: Sequence[str],
    *,
    dies_by: signal.Signals,
    log: Path,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a process of its own group, its output in the log; it gets the signal when this process dies."""
    with opened_log(log) as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            pass_fds=keep,
            start_new_session=True,
            preexec_fn=dying_with_parent(dies_by),  # noqa: PLW1509 -- we start processes before any thread
        )


def opened_log(log: Path) -> IO[bytes]:
    """The log opened for appending; one that grew large is put aside first."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def dying_with_parent(how: signal.Signals) -> Callable[[], None]:
    """What the child does before its program starts, after the change of account: that makes the kernel forget it."""
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)

    return prepare


def ended(process: subprocess.Popen[bytes], *, how: signal.Signals, within: float) -> None:
    """Asks a process to end, and kills it when it does not in time."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
