"""delete.*: a thousand customers into the bin, and later out of it with all they own, beside the same without keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.engine.upkeep.purge import purge
from bailiwick.management.demo.bulk import load_bulk
from bailiwick.management.demo.places import Atlas
from bench.bulk import RAW_INSERT
from bench.figure import Figure, by_processor, milliseconds
from bench.measure import Series, timed
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

DELETE_MS, THOUSAND, EDGES = 500, 1_000, 80_000
ROUNDS = 3
CHILDREN = ("customerstat", "customerdetail", "customersearch", "edge", "user")
KEYS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
WHERE contype = 'f' AND confrelid = 'bailiwick_customer'::regclass
"""


def run(world: World) -> Iterator[Figure]:
    """The bin is a flag; what is purged later is beside the same deletes in tables without foreign keys."""
    yield _into_the_bin(world)
    yield _out_of_the_bin(world)


def _into_the_bin(world: World) -> Figure:
    ids, now = _made(edges=0), timezone.now()

    def delete() -> None:
        action = MENU.entry("delete-customer")
        job = submit(world.actor, action, select={"ids": ids}, raw={}, now=now, confirm=len(ids))
        assert job.changed == THOUSAND, (job.changed, job.refused)

    wall, _cpu = timed(delete)
    execute("DELETE FROM bailiwick_customer WHERE id = ANY(%s)", [ids])
    return Figure("delete.1000", milliseconds(wall), "", aim=f"{DELETE_MS} ms", aim_met=wall <= DELETE_MS)


def _out_of_the_bin(world: World) -> Figure:
    ours, floor = Series(), Series()
    for _round in range(ROUNDS if world.size.judges else 1):
        ids, now = _made(edges=EDGES if world.size.judges else THOUSAND), timezone.now()
        execute("UPDATE bailiwick_customer SET deleted_at = %s WHERE id = ANY(%s)", [now - timedelta(days=40), ids])
        for series, took in ((floor, _without_keys(ids)), (ours, _purged(now))):
            series.wall.append(took[0])
            series.cpu.append(took[1])
    return by_processor("delete.purge.1000", ours, floor, at_most=1.5)


def _made(*, edges: int) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        ids = list(load_bulk(cursor, Atlas(), customers=THOUSAND, edges=edges))
    settle("customer", "customerstat", "customerdetail", "customersearch", "edge")
    execute("ANALYZE bailiwick_customer")
    return ids


def _without_keys(ids: list[int]) -> tuple[float, float]:
    """The same deletes and events in tables that know no foreign key to a customer; then all is as before."""
    with transaction.atomic():
        for (drop,) in execute(KEYS):
            execute(drop)
        took = timed(lambda: _bare_deletes(ids))
        transaction.set_rollback(True)
    return took


def _bare_deletes(ids: list[int]) -> None:
    execute(RAW_INSERT, {"first": ids[0], "last": ids[-1]})
    for table in CHILDREN:
        execute(f"DELETE FROM bailiwick_{table} WHERE customer_id = ANY(%s)", [ids])
    execute("DELETE FROM bailiwick_customer WHERE id = ANY(%s)", [ids])


def _purged(now: datetime) -> tuple[float, float]:
    def all_of_it() -> None:
        assert purge(now, leaving=lambda: False) >= THOUSAND

    return timed(all_of_it)
