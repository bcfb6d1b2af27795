"""How many files one server process makes at once: its other threads stay free for pages, however slow the readers."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from bailiwick.api.problems import SECONDS_TO_WAIT, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

# Half of the threads that up/gunicorn_settings.py gives a process.
MOST_AT_ONCE = 4
_free = threading.BoundedSemaphore(MOST_AT_ONCE)


class Turn:
    """A file that takes one of the turns until it ends, is cut, or is thrown away unread."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        """Raises Problem 503 where no turn is free: nobody waits, for that would take a thread as well."""
        if not _free.acquire(blocking=False):
            message = _("Other files are being written at the moment. Try again soon.")
            raise Problem(503, "busy", message, headers={"Retry-After": str(SECONDS_TO_WAIT)})
        self._blocks = blocks
        self._end = weakref.finalize(self, _free.release)

    def __iter__(self) -> Turn:
        return self

    def __next__(self) -> bytes:
        """The next block."""
        return next(self._blocks)

    def close(self) -> None:
        """Django calls it when the answer is over, whichever way."""
        try:
            self._blocks.close()  # type: ignore[attr-defined]
        finally:
            self._end()
