"""Many devices in one process: provisioned over REST, activated and beating, for demonstrations and for load."""

from __future__ import annotations

import heapq
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from bailiwick.edge.identity import Identity
from bailiwick.edge.orchestrator import AwayError, RefusedError
from bailiwick.edge.upgrade import LostError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bailiwick.edge.beating import Beating

    Provision = Callable[[str, str], dict[str, Any]]

AT_ONCE = 16
VERSION = "1.0.0"
MORE = {"edge": {"model": "virtual"}, "gateway": {}}


def all_of(folder: Path, number: int, provision: Provision, what: str = "edge") -> list[Identity]:
    """The devices of the numbers 1 to `number`. Raises RefusedError, AwayError, OSError."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(partial(_member, folder, provision, what), range(1, number + 1)))


def _member(folder: Path, provision: Provision, what: str, number: int) -> Identity:
    """The device of this number: the one of an earlier run, or a new one that is activated now."""
    name = f"fleet-{number:05d}"
    identity, serial = Identity(folder / name), name.upper()
    if not identity.is_active:
        told = provision(name, serial)
        identity.activate(
            told["url"], told["key"], pin=told["pin"], serial=serial, version=VERSION, what=what, **MORE[what]
        )
    return identity


class Fleet:
    """All of them beat when they are due; one that is refused is told of, and left out."""

    def __init__(self, members: list[Beating], *, say: Callable[[str], None]) -> None:
        self.say = say
        self.due: list[tuple[float, int, Beating]] = []
        self.pool = ThreadPoolExecutor(AT_ONCE)
        began = time.monotonic()
        for number, each in enumerate(members):
            spread = each.identity.state["heartbeat_seconds"] * number / max(len(members), 1)
            heapq.heappush(self.due, (began + spread, number, each))

    def live(self) -> None:
        """Until somebody ends it, or nobody is left."""
        beating: dict[Future[float], tuple[int, Beating]] = {}
        while self.due or beating:
            while self.due and self.due[0][0] <= time.monotonic() and len(beating) < AT_ONCE:
                _at, number, each = heapq.heappop(self.due)
                beating[self.pool.submit(each.beat)] = number, each
            for done in [future for future in beating if future.done()]:
                self._again(done, *beating.pop(done))
            time.sleep(0.005)

    def _again(self, done: Future[float], number: int, each: Beating) -> None:
        try:
            heapq.heappush(self.due, (time.monotonic() + done.result(), number, each))
        except (RefusedError, AwayError, LostError) as error:
            self.say(f"{each.identity.folder.name}: {error}")
