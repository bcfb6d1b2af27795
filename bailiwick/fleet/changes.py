"""What changed since something was read: the database says so when it commits, and is asked each second (ADR 33)."""

from __future__ import annotations

import logging
import select
import threading
import time

import psycopg
from django.db import connection

log = logging.getLogger(__name__)
CHANNEL = "bailiwick_told"
# Of a database that was not heard for so long, whatever was read counts no more.
TRUSTED = 5.0
ASKED = 1.0
MOST = 100_000  # customers whose changes are told apart; with more, all are read anew


class Changes:
    """A count of changes, and where it stood when something of a customer, or of all, changed last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = self._all = 0
        self._of: dict[int, int] = {}
        self._heard = float("-inf")
        self._ended = threading.Event()

    def mark(self) -> int:
        """Taken before something is read that is to be kept."""
        with self._lock:
            return self._count

    def none_since(self, mark: int, customer_id: int) -> bool:
        """Whether what was read after the mark still counts: nothing changed, and the database was just heard."""
        with self._lock:
            is_present = max(self._all, self._of.get(customer_id, 0)) <= mark
            return is_present and time.monotonic() - self._heard < TRUSTED

    def changed(self, payload: str) -> None:
        """Something did: of a customer, by its number, or with an empty text of all."""
        with self._lock:
            self._count += 1
            if payload and len(self._of) < MOST:
                self._of[int(payload)] = self._count
            else:
                self._all = self._count
                self._of.clear()

    def heard(self, at: float) -> None:
        """All that was committed until then has been told."""
        with self._lock:
            self._heard = at

    def listen(self) -> None:
        """Until the end: a connection of its own; when it breaks, what was read before the next one counts no more."""
        while not self._ended.is_set():
            try:
                self._listen_once()
            except psycopg.Error as error:
                log.warning("changes are not heard: %s", " ".join(str(error).split())[:200])
                self._ended.wait(ASKED)

    def end(self) -> None:
        """Within a second nobody listens any more."""
        self._ended.set()

    def _listen_once(self) -> None:
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
            own.add_notify_handler(lambda notice: self.changed(notice.payload))
            own.execute(f"LISTEN {CHANNEL}")
            self.changed("")
            while not self._ended.is_set():
                began = time.monotonic()
                own.execute("SELECT 1")
                self.heard(began)
                select.select([own.fileno()], [], [], ASKED)
