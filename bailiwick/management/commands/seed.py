"""Adds customers and edges by the hundred thousand, for measurements."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from bailiwick.management.commands.setup import make_defaults
from bailiwick.management.demo.bulk import load_bulk
from bailiwick.management.demo.load import analyze, settle
from bailiwick.management.demo.places import read_atlas

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

LARGEST = 10_000_000


class Command(BaseCommand):
    """One transaction: all of it is there afterwards, or nothing."""

    help = "Adds N customers and M edges to whatever the installation holds."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many."""
        parser.add_argument("--customers", type=int, required=True)
        parser.add_argument("--edges", type=int, required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Adds them, then tidies the tables."""
        customers, edges = options["customers"], options["edges"]
        if not 1 <= customers <= LARGEST or not 0 <= edges <= LARGEST:
            raise CommandError(f"--customers takes 1 to {LARGEST:,}, --edges 0 to {LARGEST:,}.")
        started = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            make_defaults(cursor)
            load_bulk(cursor, read_atlas(), customers=customers, edges=edges)
            analyze(cursor)
        if not connection.in_atomic_block:
            settle(connection.cursor())
        self.stdout.write(f"{customers:,} customers and {edges:,} edges added in {time.monotonic() - started:.1f} s.")
