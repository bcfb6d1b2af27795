"""`make bench`: its own PostgreSQL, seeded; every scenario; ends non-zero when a ratio is missed."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

from bailiwick.up.home import Home
from bailiwick.up.postgres import Postgres
from bench.size import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.size import Size
    from bench.world import World


def main() -> int:
    """Returns 1 when a ratio is missed, 0 otherwise."""
    asked = _arguments()
    with _server(asked.home):
        return _bench(SIZES[asked.size], asked.only, keep=asked.home is not None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--home", type=Path, help="keep the database here and use it again")
    parser.add_argument("only", nargs="*", help="names of scenarios; all when left out")
    return parser.parse_args()


@contextmanager
def _server(kept: Path | None) -> Iterator[None]:
    home = Home(kept or Path(tempfile.mkdtemp(prefix="bailiwick-bench-"))).open()
    if not kept:
        home.path.chmod(0o755)
    home.lock("the benchmark")
    server = Postgres(home.path)
    os.environ["DATABASE_URL"], os.environ["BAILIWICK_HOME"] = server.start(), str(home.path)
    try:
        yield
    finally:
        place = (home.path / "database").resolve()
        server.stop()
        home.unlock()
        if not kept:
            shutil.rmtree(home.path, ignore_errors=True)
            shutil.rmtree(place, ignore_errors=True)


def _bench(size: Size, only: list[str], *, keep: bool) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bailiwick.settings"
    django.setup()
    from bench import report
    from bench.suite import measure

    world = _world(size)
    figures = []
    for figure in measure(world, only):
        print(report.line(figure), flush=True)
        figures.append(figure)
    if size.judges and not only and not keep:
        report.write(figures, size)
    return int(size.judges and any(figure.is_missed for figure in figures))


def _world(size: Size) -> World:
    from django.core.management import call_command

    from bailiwick.models import Customer
    from bench.world import prepare, seed

    call_command("migrate", verbosity=0)
    started = time.monotonic()
    if not Customer.objects.exists():
        seed(size)
    return prepare(size, seconds_to_load=time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
