"""preview.*, request.*, import.1000, delete.*: what a person waits for, through the same calls that the doors make."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine.intake import upload
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.management.demo.bulk import load_bulk
from bailiwick.management.demo.places import Atlas
from bench.figure import Figure, milliseconds
from bench.measure import take_turns, timed
from bench.world import World, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.models import Job

PREVIEW_MS, REQUEST_MS, IMPORT_MS, SUBMIT_MS, DELETE_MS = 300, 200, 500, 5_000, 500
THOUSAND = 1_000
FLAG = "update-pre-notifications"


def run(world: World) -> Iterator[Figure]:
    """What leaves the most traces comes last."""
    yield from _preview(world)
    yield _request(world)
    yield _import(world)
    yield _taken(world)


def _preview(world: World) -> Iterator[Figure]:
    largest, smallest = (_partner(way) for way in ("DESC", "ASC"))
    few, many = {"matching": {"partner": smallest}}, {"matching": {"partner": largest}}
    everything: dict[str, Any] = {"matching": {}}
    ask = partial(_previewed, world)
    ask(everything)
    with CaptureQueriesContext(connection) as small:
        ask(many)
    with CaptureQueriesContext(connection) as large:
        ask(everything)
    took = take_turns({"few": partial(ask, few), "all": partial(ask, everything)}, rounds=world.size.rounds)
    yield Figure(
        "preview.statements",
        f"{len(large)} for all",
        f"{len(small)} for those of the largest partner",
        ratio=len(large) / len(small),
        at_most=1.0,
    )
    yield Figure(
        f"preview.{world.size.customers}",
        milliseconds(took["all"].wall_ms),
        f"those of a small partner {milliseconds(took['few'].wall_ms)}",
        ratio=took["all"].cpu_ms / took["few"].cpu_ms,
        aim=f"{PREVIEW_MS} ms",
        aim_met=took["all"].wall_ms <= PREVIEW_MS,
    )


def _partner(way: str) -> int:
    by_size = (
        f"SELECT partner_id FROM bailiwick_customer WHERE partner_id > 0 GROUP BY 1 ORDER BY count(*) {way} LIMIT 1"
    )
    return int(execute(by_size)[0][0])


def _previewed(world: World, select: dict[str, Any]) -> None:
    seen = preview(world.actor, MENU.entry(FLAG), select=select, raw={"enabled": "false"}, now=timezone.now())
    assert seen.total


def _request(world: World) -> Figure:
    """1,000 customers, answered in the request: selection, job, chunk, events and outcomes."""
    ids = list(range(world.first, world.first + THOUSAND))
    wanted = [False]

    def switch() -> None:
        wanted[0] = not wanted[0]
        raw = {"enabled": str(wanted[0]).lower()}
        job = submit(world.actor, MENU.entry(FLAG), select={"ids": ids}, raw=raw, now=timezone.now())
        assert job.state == "done"

    switch()
    took = take_turns({"ours": switch, "floor": partial(_raw_switch, world)}, rounds=world.size.rounds * 2)
    return Figure(
        "request.1000",
        milliseconds(took["ours"].wall_ms),
        f"one raw UPDATE {milliseconds(took['floor'].wall_ms)}",
        ratio=took["ours"].cpu_ms / took["floor"].cpu_ms,
        aim=f"{REQUEST_MS} ms",
        aim_met=took["ours"].wall_ms <= REQUEST_MS,
    )


def _raw_switch(world: World) -> None:
    execute(
        "UPDATE bailiwick_customer SET operator_alerts_enabled = operator_alerts_enabled WHERE id BETWEEN %s AND %s",
        [world.first, world.first + THOUSAND - 1],
    )


def _import(world: World) -> Figure:
    """A file of 1,000 rows, beside the same number of customers made inside PostgreSQL."""
    rounds = max(2, world.size.rounds - 2)
    took = take_turns({"ours": partial(_imported, world), "floor": _made}, rounds=rounds)
    return Figure(
        "import.1000",
        milliseconds(took["ours"].wall_ms),
        f"made by SQL {milliseconds(took['floor'].wall_ms)}",
        ratio=took["ours"].cpu_ms / took["floor"].cpu_ms,
        aim=f"{IMPORT_MS} ms",
        aim_met=took["ours"].wall_ms <= IMPORT_MS,
    )


def _imported(world: World) -> None:
    job = _submitted(world, THOUSAND)
    assert (job.state, job.changed) == ("done", THOUSAND), job.error


def _taken(world: World) -> Figure:
    """The request that hands in a file as long as the list; a worker does the rest."""
    lines = max(world.size.customers, THOUSAND + 1)
    wall, cpu = timed(lambda: _submitted(world, lines).delete())
    shown = f"{milliseconds(wall)} (CPU {milliseconds(cpu)})"
    return Figure(f"import.submit.{lines}", shown, "", aim=f"{SUBMIT_MS:,} ms", aim_met=cpu <= SUBMIT_MS)


def _submitted(world: World, lines: int) -> Job:
    mark = time.time_ns()
    rows = (f"Imported {mark} {n},I-{mark}-{n},{n} Mill Lane,Delft,NL" for n in range(lines))
    content = "\r\n".join(["Company,Account,Street,City,Country", *rows]).encode()
    now = timezone.now()
    kept = upload.store(world.actor, "customers.csv", content, now=now)
    columns = {"name": "Company", "account_number": "Account", "street": "Street", "city": "City", "country": "Country"}
    raw = {"file": str(kept.logical_id), "mapping": columns, "mode": "strict"}
    return submit(world.actor, MENU.entry("import-customers"), raw=raw, now=now)


def _made() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        load_bulk(cursor, _atlas(), customers=THOUSAND, edges=0)


_kept: list[Atlas] = []


def _atlas() -> Atlas:
    if not _kept:
        _kept.append(Atlas())
    return _kept[0]
