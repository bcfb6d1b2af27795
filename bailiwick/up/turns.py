"""The threads of a web process take turns: two that compute side by side only make each other late."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Executor, Future
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds. Whoever is longer at it (a download, a slow statement) holds nobody up for more than this.
PATIENCE = 0.05
NOBODY = -1


class Turns(Executor):
    """One thread serves whatever comes, in its order, from a warm cache and with one connection to the database.

    When it is at one task for longer than PATIENCE, the one that rested last takes its place; it finishes, and rests.
    """

    def __init__(self, threads: int) -> None:
        self._lock = threading.Lock()
        self._bells = [threading.Condition(self._lock) for _ in range(threads)]
        self._tasks: deque[Callable[[], None]] = deque()
        self._resting: list[int] = []
        self._serving = NOBODY
        self._since: float | None = None  # when the one who serves began his task
        self._watched = self._closed = False
        self._threads = [threading.Thread(target=self._live, args=(place,), daemon=True) for place in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Puts it at the end of the line."""
        future: Future[Any] = Future()
        with self._lock:
            self._tasks.append(partial(_fulfil, future, partial(fn, *args, **kwargs)))
            if self._since is None and self._serving != NOBODY:
                self._bells[self._serving].notify()
            else:
                self._have_it_watched()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT002 -- Executor's signature
        """Takes nothing more; what waits is still done, unless it is to be cancelled."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                self._tasks.clear()
            self._ring_all()
        if wait:
            for thread in self._threads:
                thread.join()

    def _live(self, place: int) -> None:
        while task := self._next(place):
            task()

    def _next(self, place: int) -> Callable[[], None] | None:
        with self._lock:
            if self._serving == place:
                self._since = None
            while self._tasks or not self._closed:
                if self._serves(place):
                    return self._begin()
                self._rest(place)
            self._ring_all()  # whoever rested while something waited in the line may go now
        return None

    def _ring_all(self) -> None:
        for bell in self._bells:
            bell.notify()

    def _serves(self, place: int) -> bool:
        """Whether it is this thread that takes the next task, now."""
        if self._serving == NOBODY or (self._tasks and self._left() <= 0):
            self._serving, self._since = place, None
        return self._serving == place and bool(self._tasks)

    def _left(self) -> float:
        """For how long the one who serves may go on with his task alone; always, when he has none."""
        return PATIENCE if self._since is None else PATIENCE - (time.monotonic() - self._since)

    def _begin(self) -> Callable[[], None]:
        self._since = time.monotonic()
        task = self._tasks.popleft()
        if self._tasks:
            self._have_it_watched()
        return task

    def _rest(self, place: int) -> None:
        """Until the bell rings; whoever rests while somebody waits in the line looks up in time."""
        if self._serving == place:
            self._bells[place].wait()
            return
        watches = bool(self._tasks) and not self._watched
        self._watched |= watches
        self._resting.append(place)
        self._bells[place].wait(self._left() if watches else None)
        self._resting.remove(place)
        self._watched &= not watches

    def _have_it_watched(self) -> None:
        if self._resting and not self._watched:
            self._bells[self._resting[-1]].notify()


def _fulfil(future: Future[Any], task: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(task())
    except BaseException as error:  # noqa: BLE001 -- whoever asked for the result gets it
        future.set_exception(error)
