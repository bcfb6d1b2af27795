"""`bailiwick audit verify`: whether the audit log is what was sealed; exit code 1 and a name where it is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bailiwick.engine.chain.key import KNOWN, known_keys
from bailiwick.engine.chain.row import checkpoints_in
from bailiwick.engine.chain.verify import Walk, newest

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from bailiwick.engine.chain.row import Checkpoint

# Where `bailiwick up` keeps what the worker says (under systemd it is the journal, which is given as a file), and what
# the worker itself remembers.
LOGS = ("log/worker.log.1", "log/worker.log", "seal.last")


class Command(BaseCommand):
    """Reads only; may run beside a working portal."""

    help = "Verifies the sealed audit log, or prints its newest checkpoint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares `verify [--checkpoint FILE|TEXT]… [--keys FILE]` and `checkpoint`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="walk the chain; exit code 1 and a name where it does not hold")
        verify.add_argument("--checkpoint", action="append", default=[], metavar="FILE|TEXT", help="kept elsewhere")
        verify.add_argument("--keys", type=Path, default=settings.HOME / KNOWN, metavar="FILE", help="keys to believe")
        verbs.add_parser("checkpoint", help="print the newest checkpoint, to be kept elsewhere")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prints one sentence."""
        if options["verb"] == "checkpoint":
            self.stdout.write(str(newest() or "Nothing is sealed yet."))
            return
        known = known_keys(options["keys"])
        points = [point for given in options["checkpoint"] for point in _given(given)]
        # Into a log anybody may have something written; what he hands over himself the reader wants to be told of.
        ours = [point for point in _logged() if point.is_signed_by(known)]
        walk = Walk(known, [*points, *ours])
        fault = walk.fault()
        if fault:
            self.stdout.write(fault)
            sys.exit(1)
        waiting = f" {walk.waiting} more wait for the next seal." if walk.waiting else ""
        self.stdout.write(f"{walk.events} events in {walk.seals} seals hold.{waiting}")


def _given(text: str) -> list[Checkpoint]:
    """A checkpoint as it stands, or a file that holds some."""
    found = list(checkpoints_in(text))
    if not found and Path(text).is_file():
        found = list(_in_file(Path(text)))
    if not found:
        raise CommandError(f"There is no checkpoint in {text}.")
    return found


def _logged() -> Iterator[Checkpoint]:
    for name in LOGS:
        if (settings.HOME / name).is_file():
            yield from _in_file(settings.HOME / name)


def _in_file(path: Path) -> Iterator[Checkpoint]:
    with path.open(errors="replace") as lines:
        for line in lines:
            yield from checkpoints_in(line)
