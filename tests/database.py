"""One PostgreSQL server for a whole test run, made before Django reads its settings and shared by all xdist workers."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bailiwick.up.home import Home
from bailiwick.up.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTED = pytest.StashKey[tuple[Home, Postgres]]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Wraps the hook in which pytest-django reads the settings; workers inherit what the first process set."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        early_config.stash[STARTED] = _start()
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    started = config.stash.get(STARTED, None)
    if started:
        home, server = started
        server.stop()
        home.unlock()
        place = (home.path / "database").resolve()
        shutil.rmtree(home.path, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


def _start() -> tuple[Home, Postgres]:
    version = os.environ.get("BAILIWICK_TEST_POSTGRES")
    if version:
        os.environ["BAILIWICK_POSTGRES"] = f"/usr/lib/postgresql/{version}/bin"
    home = Home(Path(tempfile.mkdtemp(prefix="bailiwick-tests-")))
    home.path.chmod(0o755)
    home.open().lock("the tests")
    server = Postgres(home.path, durable=False)
    os.environ["DATABASE_URL"] = server.start()
    os.environ["BAILIWICK_HOME"] = str(home.path)
    return home, server
