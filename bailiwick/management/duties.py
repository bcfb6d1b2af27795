"""The periodic duties of a worker: mail goes out, edges are missed, and what has had its time is removed."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bailiwick.access.wall import UPKEEP, stand
from bailiwick.engine.chain.keep import keep_sealed
from bailiwick.engine.offers import expire
from bailiwick.engine.outbox import deliver
from bailiwick.engine.upkeep.order import keep_order
from bailiwick.engine.upkeep.purge import purge
from bailiwick.engine.upkeep.retention import remove_old
from bailiwick.fleet.diagnostics.keeping import keep
from bailiwick.fleet.gateway.heartbeat import follow as follow_gateways
from bailiwick.fleet.gateway.letters import write
from bailiwick.fleet.gateway.quiescing import drain
from bailiwick.fleet.liveness import follow
from bailiwick.fleet.lost_answer import forget
from bailiwick.fleet.rollout.advance import advance
from bailiwick.management.catalogue import openapi
from bailiwick.management.self_test.run import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

log = logging.getLogger("bailiwick.worker")
LONGEST_SLEEP = 1.0
PAUSE_AFTER_ERROR = 5.0


class Duty(NamedTuple):
    """What is done, how often, and the number of the advisory lock that keeps it to one worker at a time."""

    name: str
    seconds: float
    lock: int
    work: Callable[[datetime, Callable[[], bool]], int]


DUTIES = (
    Duty("outbox", 1, 7_301, lambda now, _leaving: deliver(now)),
    Duty("liveness", 2, 7_309, lambda now, _leaving: follow(now)),
    Duty("gateways", 2, 7_311, lambda now, _leaving: follow_gateways(now)),
    Duty("drain", 5, 7_312, lambda now, _leaving: drain(now)),
    Duty("gateway-letters", 5, 7_313, lambda now, _leaving: write(now)),
    Duty("roll-outs", 2, 7_310, lambda now, _leaving: advance(now)),
    Duty("lost-answers", 60, 7_362, lambda now, _leaving: forget(now)),
    Duty("diagnostics", 60, 7_314, lambda now, _leaving: keep(now, home=settings.HOME)),
    Duty("offers", 60, 7_304, lambda now, _leaving: expire(now)),
    Duty("retention", 3600, 7_303, lambda now, leaving: remove_old(now, leaving=leaving)),
    Duty("purge", 3600, 7_302, lambda now, leaving: purge(now, leaving=leaving)),
)


# In a thread of its own: it takes a minute, and mail does not wait.
LONG_DUTIES = (Duty("self-test", 2, 7_305, lambda now, leaving: carry_out(now, leaving=leaving, document=openapi)),)

# In a thread of its own: whatever else takes its time, events are sealed at most ten seconds after their commit,
# and the list is in order again when its reader looks for what he has changed.
PROMPT_DUTIES = (
    Duty("order", 1, 7_308, lambda _now, leaving: keep_order(leaving=leaving)),
    Duty("seal", 3, 7_306, lambda now, leaving: keep_sealed(now, leaving=leaving)),
)


class Duties(threading.Thread):
    """A thread of its own with a database connection of its own: a slow mail server never holds up a job."""

    def __init__(self, told_to_leave: threading.Event, duties: tuple[Duty, ...]) -> None:
        super().__init__(name="duties", daemon=True)
        self.told_to_leave = told_to_leave
        self.due = dict.fromkeys(duties, 0.0)

    def run(self) -> None:
        """Does what is due until the worker leaves; an error is logged, and the duty's next turn comes as usual."""
        stand(UPKEEP)
        while not self.told_to_leave.wait(LONGEST_SLEEP):
            for duty in [duty for duty, at in self.due.items() if at <= time.monotonic()]:
                self.due[duty] = time.monotonic() + duty.seconds
                self._do(duty)
        connection.close()

    def _do(self, duty: Duty) -> None:
        try:
            with alone(duty.lock) as mine:
                if mine:
                    duty.work(timezone.now(), self.told_to_leave.is_set)
        except Exception:
            log.exception("duty %s failed", duty.name)
            self.due[duty] = time.monotonic() + PAUSE_AFTER_ERROR
            connection.close()


@contextmanager
def alone(lock: int) -> Iterator[bool]:
    """Whether this worker has the duty now; a lock dies with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            connection.cursor().execute("SELECT pg_advisory_unlock(%s)", [lock])
