"""Fills an empty installation with a believable demonstration."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from bailiwick.management.commands.setup import make_defaults
from bailiwick.management.demo.configuration import load_configuration
from bailiwick.management.demo.customers import load_customers
from bailiwick.management.demo.edges import load_edges
from bailiwick.management.demo.events import load_events
from bailiwick.management.demo.licences import load_licences
from bailiwick.management.demo.load import analyze, assign_software, grant_what_is_used
from bailiwick.management.demo.network import load_network
from bailiwick.management.demo.places import read_atlas

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.backends.utils import CursorWrapper

CUSTOMERS, EDGES, SEED = 2_000, 15_000, 20_260_101


class Command(BaseCommand):
    """Does nothing when a customer exists, so it may run at every start."""

    help = "Loads 2,000 customers, 12 partners, 15,000 edges and 40 gateways into an installation without customers."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Loads it in one transaction."""
        with transaction.atomic(), connection.cursor() as cursor:
            loaded = load_demo(cursor, now=timezone.now())
        self.stdout.write(f"{CUSTOMERS:,} customers loaded." if loaded else "There are customers already.")


def load_demo(cursor: CursorWrapper, *, now: datetime, customers: int = CUSTOMERS, edges: int = EDGES) -> bool:
    """Loads the demonstration unless a customer exists; the same each time but for what hangs on `now`."""
    make_defaults(cursor)
    cursor.execute("SELECT EXISTS (SELECT FROM bailiwick_customer)")
    if cursor.fetchone()[0]:
        return False
    chance = Random(SEED)  # noqa: S311 -- the same at each load
    atlas = read_atlas()
    network = load_network(cursor, chance, atlas, now=now)
    made = load_customers(cursor, chance, atlas, network, count=customers, now=now)
    placed = load_edges(cursor, chance, atlas, made, count=edges, now=now)
    load_configuration(cursor, made, now=now)
    load_events(cursor, chance, made, placed, now=now)
    load_licences(cursor, chance)
    assign_software(cursor)
    grant_what_is_used(cursor)
    analyze(cursor)
    return True
