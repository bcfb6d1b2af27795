"""Runs one Django command against the portal's database: the running one, or one started for as long as it takes."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bailiwick.up.home import Home, InUseError, ProblemError
from bailiwick.up.listener import LOOPBACK
from bailiwick.up.portal import ADDRESS, AS_WEB, django_environment
from bailiwick.up.postgres import Postgres, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS_TO_APPEAR = 20
NO_PORTAL = "There is no portal in {home} yet. Start it first (bailiwick up), or name its folder in BAILIWICK_HOME."
FOR_THE_OWNER = ("seed", "demo")  # they gather statistics, which only the owner of the tables may


def run_beside(home: Path, arguments: list[str]) -> None:
    """Sets the environment as `bailiwick up` does for its children, then lets Django run the command here."""
    if not os.environ.get("DATABASE_URL") and not (home / "database").exists():
        raise ProblemError(NO_PORTAL.format(home=home))
    place = Home(home).open()
    with database_of(place) as url:
        os.environ.update(django_environment(place.path, url))
        os.environ.setdefault("BAILIWICK_URL", address_of(place.path))
        if arguments[0] not in FOR_THE_OWNER:
            os.environ.update(AS_WEB)
        from django.core.management import execute_from_command_line

        execute_from_command_line(["bailiwick", *arguments])


def address_of(home: Path) -> str:
    """Where the portal of this directory is or was reached."""
    kept = home / ADDRESS
    return kept.read_text(encoding="utf-8") if kept.is_file() else f"http://{LOOPBACK}:{os.environ.get('PORT', '8080')}"


@contextmanager
def database_of(home: Home) -> Iterator[str]:
    """The DATABASE_URL: a named server, the one of a portal that runs here, or our own for this block."""
    named = os.environ.get("DATABASE_URL") or running(home.path)
    if named:
        yield named
        return
    try:
        home.lock("a shell command")
    except InUseError as error:
        yield _appearing(home, error)
        return
    server = Postgres(home.path)
    try:
        yield server.start()
    finally:
        server.stop()
        home.unlock()


def _appearing(home: Home, error: InUseError) -> str:
    """Somebody holds the directory but serves nothing yet: a portal that is just starting."""
    until = time.monotonic() + SECONDS_TO_APPEAR
    while time.monotonic() < until:
        url = running(home.path)
        if url:
            return url
        time.sleep(0.1)
    raise error
