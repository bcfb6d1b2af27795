"""grid.growth: the first, the middle and the last page in every sort, at 1,000 customers and again at 1,000,000."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection, transaction

from bailiwick.access.scope import customers_for
from bailiwick.engine.listing.grid import page
from bailiwick.engine.listing.sorts import SORTS, as_key
from bailiwick.engine.listing.spot import Spot, seal
from bailiwick.management.demo import bulk
from bailiwick.management.demo.places import Atlas
from bench.figure import Figure, milliseconds
from bench.measure import take_turns
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.measure import Series

    Sorted = dict[str, dict[str, tuple[Series, Series]]]

LARGE = 1_000_000
ROUNDS = 15
AT_MOST = 2.0
TABLES = ("customer", "customerdetail", "customerstat")
# The list reads counters, not edges: a tenth have none, a fifth have some down; the search text is not read at all.
STEPS = (bulk.NETWORK, bulk.CUSTOMERS, bulk.DETAILS)
# Made anew after the load: a million rows into thirty indexes one by one take five minutes.
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid::regclass::text IN ('bailiwick_customer', 'bailiwick_customerdetail', 'bailiwick_customerstat')
  AND NOT i.indisprimary AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
COUNTERS = """
INSERT INTO bailiwick_customerstat (customer_id, partner_id, edges, edges_connected, edges_degraded, edges_down,
  edges_unactivated, status)
SELECT id, partner_id, up + degraded + down + waiting, up, degraded, down, waiting, bailiwick_status(up, degraded, down)
FROM (
  SELECT c.id, c.partner_id, floor(20 * pg_temp.dice(c.id, 41))::int AS up,
    greatest(0, floor(10 * pg_temp.dice(c.id, 42)) - 7)::int AS degraded,
    greatest(0, floor(10 * pg_temp.dice(c.id, 43)) - 7)::int AS down,
    greatest(0, floor(10 * pg_temp.dice(c.id, 44)) - 8)::int AS waiting
  FROM bailiwick_customer c LEFT JOIN bailiwick_customerstat s ON s.customer_id = c.id WHERE s.customer_id IS NULL
) AS made ORDER BY id
"""


def run(world: World) -> Iterator[Figure]:
    """Every sort costs at a million what it costs at a thousand; the ratio is that of round trips."""
    small = _measured(world)
    _grow(LARGE - _count())
    large = _measured(world)
    for sort, places in small.items():
        yield _figure(sort, places, large[sort])


def _count() -> int:
    return int(execute("SELECT count(*) FROM bailiwick_customer")[0][0])


def _grow(customers: int) -> None:
    if customers <= 0:
        return
    started = time.monotonic()
    indexes = execute(INDEXES)
    with transaction.atomic(), connection.cursor() as cursor:
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        bulk.load_bulk(cursor, Atlas(), customers=customers, edges=0, steps=STEPS)
        cursor.execute(COUNTERS)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index is not made while one of them still has to look
        for _name, definition in indexes:
            cursor.execute(definition)
    execute("ANALYZE")
    print(f"{customers:,} customers added in {time.monotonic() - started:.0f} s.", flush=True)


def _measured(world: World) -> Sorted:
    settle(*TABLES)
    return {sort: _places(world, sort) for sort in SORTS}


def _places(world: World, sort: str) -> dict[str, tuple[Series, Series]]:
    ask = partial(page, world.actor, {})
    middle = partial(ask, sort=sort, after=_middle(world, sort))
    places = {"first": partial(ask, sort=sort), "middle": middle, "last": partial(ask, sort=f"-{sort}")}
    return {name: _beside_floor(asked) for name, asked in places.items()}


def _middle(world: World, sort: str) -> str:
    keys, half = SORTS[sort].keys, _count() // 2
    *values, pk = customers_for(world.actor).order_by(*keys, "pk").values_list(*keys, "pk")[half]
    packed = [as_key(value) for value in values]
    return seal(Spot(sort, packed if len(packed) > 1 else packed[0], pk, half))


def _beside_floor(asked: Callable[[], object]) -> tuple[Series, Series]:
    contenders: dict[str, Callable[[], object]] = {"floor": partial(execute, "SELECT 1"), "asked": asked}
    for contender in contenders.values():
        contender()
        contender()
    took = take_turns(contenders, rounds=ROUNDS)
    return took["asked"], took["floor"]


def _figure(sort: str, small: dict[str, tuple[Series, Series]], large: dict[str, tuple[Series, Series]]) -> Figure:
    ratios = {place: _trips(*large[place]) / _trips(*small[place]) for place in small}
    return Figure(
        f"grid.growth.{sort}",
        "/".join(milliseconds(took.wall_ms) for took, _floor in large.values()),
        "at 1,000: " + "/".join(milliseconds(took.wall_ms) for took, _floor in small.values()),
        ratio=max(ratios.values()),
        at_most=AT_MOST,
        aim=f"{max(_trips(*each) for each in large.values()):.1f} round trips",
    )


def _trips(took: Series, floor: Series) -> float:
    return took.cpu_ms / floor.cpu_ms
