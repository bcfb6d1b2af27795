"""No test, whatever it asks of the portal, makes it start a program (N-05, N-08): Python itself tells when one would.

The hook stands during the whole run, so every crawl, every fuzzing and every page of the suite is watched.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = str(Path(__file__).parents[1] / "bailiwick") + "/"
# What serves requests and runs jobs; `up` starts the portal's own processes, that is its work.
SERVING = tuple(SOURCE + part for part in ("web/", "api/", "management/", "actions/", "engine/", "access/", "models/",
                                           "audit.py", "outbox.py", "urls.py", "wsgi.py"))  # fmt: skip
PROGRAMS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn", "os.fork",
            "os.forkpty"}  # fmt: skip

started: list[str] = []


class Started(RuntimeError):  # noqa: N818 -- reads as the sentence it is
    """The portal wanted to start a program."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in PROGRAMS:
        return
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith(SERVING):
            started.append(f"{event} from {frame.f_code.co_filename}:{frame.f_lineno}: {arguments[:2]}")
            raise Started(started[-1])
        frame = frame.f_back


sys.addaudithook(_hook)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """A view turns the exception into a page: the test fails all the same."""
    started.clear()
    yield
    if started:
        pytest.fail(f"The portal started a program: {started}")
