"""A web process that leaves a new connection to another one that has fewer: a browser keeps its process for minutes."""

from __future__ import annotations

import time
from multiprocessing import RawArray
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import ThreadWorker

from bailiwick.up.turns import Turns

if TYPE_CHECKING:
    import socket

MOST_PROCESSES = 64
NOBODY = 2**31 - 1
PAUSE, PATIENCE = 0.001, 0.05  # seconds; whoever has fewer, but is stuck, costs a connection no more than this

# What each process has open, in memory that all share from the fork on. Wrong for an instant does no harm.
_open = RawArray("i", [NOBODY] * MOST_PROCESSES)


class FairWorker(ThreadWorker):  # type: ignore[misc]
    """Without this, eight browsers stand two and six as often as not, and the six wait three times as long."""

    place: int
    _waits_since = 0.0

    def take_place(self) -> None:
        """Before the fork, in the parent."""
        self.place = [*_open].index(NOBODY)
        _open[self.place] = 0

    def leave_place(self) -> None:
        """After its end, in the parent."""
        _open[self.place] = NOBODY

    def get_thread_pool(self) -> Turns:
        """One thread at a time, as long as none is kept."""
        return Turns(self.cfg.threads)

    def accept(self, listener: socket.socket) -> None:
        """Takes the connection, unless another process with fewer is about to."""
        now = time.monotonic()
        self._waits_since = self._waits_since or now
        if self._tell() > min(_open) and now - self._waits_since < PATIENCE:
            time.sleep(PAUSE)
            return
        self._waits_since = 0.0
        super().accept(listener)
        self._tell()

    def finish_request(self, conn: Any, fs: Any) -> None:
        """A request is over, and perhaps its connection."""
        super().finish_request(conn, fs)
        self._tell()

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT002 -- gunicorn's signature
        """Closes those that were kept open for too long."""
        super().murder_keepalived(force)
        self._tell()

    def _tell(self) -> int:
        _open[self.place] = self.nr_conns
        return int(self.nr_conns)
