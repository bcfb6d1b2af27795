"""bulk.vs_orm and bulk.lock: the same flag by Django's usual ways, and what another writer feels meanwhile."""

from __future__ import annotations

import random
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from bailiwick.access.scope import customers_for
from bailiwick.models import Customer, Event
from bench.bulk import RAW_UPDATE, Duel
from bench.figure import Figure, milliseconds
from bench.measure import Series, take_turns, timed
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

AT_LEAST = {"save": 50, "bulk_update": 30, "update": 6}
P99_MS, MAX_MS, THROUGHPUT = 10, 25, 0.7
PAUSE = 0.003


def run(world: World) -> Iterator[Figure]:
    """Both on the same rows as bulk.flag."""
    yield from _beside_orm(world)
    yield from _beside_writer(world)


def _beside_orm(world: World) -> Iterator[Figure]:
    step = 10_000 if world.size.judges else 100
    duel = Duel(world, step)
    rows = customers_for(world.actor).filter(pk__range=(world.first, world.first + step - 1))
    ways: dict[str, Callable[[], object]] = {
        "save": partial(_save, rows),
        "bulk_update": partial(_bulk_update, rows),
        "update": partial(_update, rows),
    }
    took = take_turns(ways, rounds=1)
    ours = Series()
    for _round in range(3):
        duel.make_ready()
        duel.floor()
        duel.make_ready()
        wall, cpu = timed(duel.ours)
        ours.wall.append(wall)
        ours.cpu.append(cpu)
    for name, series in took.items():
        yield Figure(
            f"bulk.vs_orm.{name}",
            f"{milliseconds(ours.wall_ms)} for {step:,}",
            milliseconds(series.wall_ms),
            ratio=series.cpu_ms / ours.cpu_ms,
            at_least=AT_LEAST[name],
        )


def _turned(row: Customer) -> Customer:
    """What the engine writes of a customer: the flag, its version and when."""
    row.alerts_enabled, row.version, row.updated_at = not row.alerts_enabled, row.version + 1, timezone.now()
    return row


def _save(rows: QuerySet[Customer]) -> None:
    with transaction.atomic():
        for row in rows:
            _turned(row).save()
            _event(row).save()


def _bulk_update(rows: QuerySet[Customer]) -> None:
    with transaction.atomic():
        found = [_turned(row) for row in rows]
        Customer.objects.bulk_update(found, ["alerts_enabled", "version", "updated_at"], batch_size=500)
        Event.objects.bulk_create(map(_event, found))


def _update(rows: QuerySet[Customer]) -> None:
    with transaction.atomic():
        found = list(rows)
        rows.update(alerts_enabled=True, version=F("version") + 1, updated_at=timezone.now())
        Event.objects.bulk_create(map(_event, found))


def _event(row: Customer) -> Event:
    after = {"alerts_enabled": row.alerts_enabled}
    return Event(
        at=timezone.now(),
        name="CUSTOMER_ALERTS_UPDATED",
        actor_name="bench@operator.example",
        door="shell",
        partner_id=row.partner_id,
        customer_id=row.pk,
        subject=row.name,
        before=after,
        after=after,
    )


def _beside_writer(world: World) -> Iterator[Figure]:
    step = min(world.size.customers, 50_000)
    duel = Duel(world, step)
    duel.make_ready()
    whole, alone = _waits(world, step, partial(_in_one, duel))
    duel.make_ready()
    chunked, ours = _waits(world, step, duel.ours)
    settle("customer", "jobrefusal")
    worst = max(chunked)
    p99 = sorted(chunked)[max(0, round(len(chunked) * 0.99) - 1)]
    yield Figure(
        "bulk.lock",
        f"another writer waits p99 {milliseconds(p99)}, at most {milliseconds(worst)}",
        f"all in one transaction: at most {milliseconds(max(whole))}",
        ratio=max(whole) / worst,
        aim=f"p99 {P99_MS} ms, at most {MAX_MS} ms",
        aim_met=p99 <= P99_MS and worst <= MAX_MS,
    )
    yield Figure(
        "bulk.lock.throughput",
        f"{step / ours.wall_ms * 1000:,.0f} rows/s",
        f"all in one transaction: {step / alone.wall_ms * 1000:,.0f} rows/s",
        ratio=alone.cpu_ms / ours.cpu_ms,
        at_least=THROUGHPUT,
    )


def _in_one(duel: Duel) -> None:
    with transaction.atomic():
        execute(RAW_UPDATE, duel.bounds | {"wanted": duel.wanted})
        duel.insert()


def _waits(world: World, step: int, work: Callable[[], object]) -> tuple[list[float], Series]:
    """Milliseconds that each update of a stranger took while the work went on, and that the work took."""
    took: list[float] = []
    over = threading.Event()
    stranger = threading.Thread(target=_write, args=(world.first, step, over, took))
    stranger.start()
    wall, cpu = timed(work)
    over.set()
    stranger.join()
    return took, Series([wall], [cpu])


def _write(first: int, step: int, over: threading.Event, took: list[float]) -> None:
    chance = random.Random(1)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
        while not (over.is_set() and took):
            started = time.perf_counter()
            own.execute(
                "UPDATE bailiwick_customer SET edge_image_management = edge_image_management WHERE id = %s",
                [first + chance.randrange(step)],
            )
            took.append((time.perf_counter() - started) * 1000)
            time.sleep(PAUSE)
