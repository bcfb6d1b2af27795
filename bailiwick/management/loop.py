"""The worker's loop: wait to be woken, claim a job, run it; a database that went away is waited for."""

from __future__ import annotations

import logging
import os
import select
import signal
import threading
from typing import TYPE_CHECKING, Any

from django.db import Error, IntegrityError, connection

from bailiwick.access.wall import UPKEEP, stand
from bailiwick.actions import MENU
from bailiwick.engine.lease import LEASE_SECONDS, claim, finish, give_back
from bailiwick.engine.run import carry_out
from bailiwick.engine.submit import WAKE_CHANNEL
from bailiwick.management.duties import DUTIES, LONG_DUTIES, PROMPT_DUTIES, Duties
from bailiwick.models import JobState

if TYPE_CHECKING:
    from bailiwick.models import Job

log = logging.getLogger("bailiwick.worker")
POLL_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
# A job that took its worker down so many times (out of memory, say) is not tried for ever.
MOST_CLAIMS = 50


class Loop:
    """One process, one job at a time. The job rows are the truth; a notification only saves waiting (docs/adr)."""

    def __init__(self) -> None:
        self.told_to_leave = threading.Event()
        self.waker, self.woken = os.pipe()
        self.pause = FIRST_PAUSE
        self.listening: object = None
        self.held: Job | None = None

    def work(self) -> None:
        """Works until SIGTERM or SIGINT: the running chunk is finished, the rest of its job is given back."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)
        stand(UPKEEP)
        threads = [Duties(self.told_to_leave, duties) for duties in (DUTIES, LONG_DUTIES, PROMPT_DUTIES)]
        for duties in threads:
            duties.start()
        log.info("worker %s is ready", os.getpid())
        while not self.told_to_leave.is_set():
            self._turn()
        for duties in threads:
            duties.join(timeout=5)
        connection.close()

    def _leave(self, *_signal: Any) -> None:
        self.told_to_leave.set()
        os.write(self.woken, b".")

    def _turn(self) -> None:
        """One job, or one wait. Whatever the database does, the worker stays."""
        try:
            self._listen()
            self._let_go()
            job = claim(None)
            self.pause = FIRST_PAUSE
            if job:
                self._run(job)
            else:
                self._wait()
        except Error as error:
            self._recover(error)

    def _run(self, job: Job) -> None:
        action = MENU.get(job.action)
        if action is None or job.fence > MOST_CLAIMS:
            finish(job, JobState.FAILED, error=f"This job cannot be run: {job.action}, {job.fence} tries.")
            return
        self.held = job
        try:
            carry_out(job, action, leaving=self.told_to_leave.is_set)
        except IntegrityError as error:
            log.exception("job %s failed", job.pk)
            finish(job, JobState.FAILED, error=f"A rule of the database was broken: {type(error).__name__}.")
        self.held = None

    def _listen(self) -> None:
        """Comes before the first look for a job, so that nothing submitted in between is missed."""
        connection.ensure_connection()
        raw: Any = connection.connection
        if self.listening is raw:
            return
        # A frozen worker's locks end with its lease: the database sees its transaction idle and ends it.
        raw.execute(f"SET idle_in_transaction_session_timeout = '{LEASE_SECONDS}s'")
        raw.execute(f"LISTEN {WAKE_CHANNEL}")
        self.listening = raw

    def _let_go(self) -> None:
        """A job in hand when the database went away is open at once, not only when the lease of before has passed."""
        if self.held:
            give_back(self.held)
            self.held = None

    def _wait(self) -> None:
        """Sleeps until somebody submits, at most the polling time."""
        raw: Any = connection.connection
        if not list(raw.notifies(timeout=0)):
            select.select([raw.fileno(), self.waker], [], [], POLL_SECONDS)

    def _recover(self, error: Exception) -> None:
        log.warning("database: %s", " ".join(str(error).split())[:200])
        self.listening = None
        # A database that still answers refused the job itself: that waits out its lease before it is tried again.
        if connection.is_usable():
            self.held = None
        connection.close()
        self.told_to_leave.wait(self.pause)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
