"""bulk.*: a flag on many customers with events and outcomes, beside a raw UPDATE and a raw INSERT of as many events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from bailiwick.access.scope import customers_for
from bailiwick.access.wall import OUTSIDE, place_of, stand, standing
from bailiwick.actions import MENU
from bailiwick.engine.action import Change
from bailiwick.engine.run import run as run_job
from bailiwick.engine.selection import freeze_rows
from bailiwick.engine.submit import store_change
from bench.figure import Figure, by_processor
from bench.measure import Series, take_turns, timed
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bailiwick.models import Job

LIMIT, ROWS_A_SECOND = 1.25, 100_000
FIRST_LIMIT, FIRST_ROUNDS = 2, 3
# So few rows bloat no table, and a vacuum before each turn would measure something else: a session forgets its plans
# when a table is vacuumed, and a portal that is at work keeps them (performance.md 12: no vacuum between runs).
SMALL = 1_000
# Every tenth already is as wanted: the engine refuses it, the floor writes it all the same.
RAW_UPDATE = """
UPDATE bailiwick_customer SET alerts_enabled = ((id %% 10 = 0) = %(wanted)s), version = version + 1, updated_at = now()
WHERE id BETWEEN %(first)s AND %(last)s
"""
RAW_INSERT = """
INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id, partner_id,
  customer_id, subject, before, after)
SELECT now(), 'CUSTOMER_ALERTS_UPDATED', 'CONFIGURATION', 'INFO', 1, 'bench@operator.example', 'shell', '', 1,
  partner_id, id, name, '{"alerts_enabled": true}', '{"alerts_enabled": false}'
FROM bailiwick_customer WHERE id BETWEEN %(first)s AND %(last)s
"""
OUTCOMES = "SELECT changed + refused, changed FROM bailiwick_job WHERE id = %s AND state = 'done'"


def run(world: World) -> Iterator[Figure]:
    """Every step of the size, in chunks of 1,000 that each commit."""
    for step in world.size.steps:
        yield _step(world, step)
    yield _first(world, max(world.size.steps))


def _step(world: World, step: int) -> Figure:
    duel = Duel(world, step)
    took = take_turns(
        {"floor": duel.floor, "ours": duel.ours},
        rounds=world.size.rounds if step > SMALL else world.size.rounds * 3,
        before=duel.make_ready,
    )
    speed = step / took["ours"].wall_ms * 1000
    aim = f"{ROWS_A_SECOND:,} rows/s" if step == max(world.size.steps) else ""
    return by_processor(
        f"bulk.flag.{step}",
        took["ours"],
        took["floor"],
        at_most=LIMIT,
        aim=aim,
        aim_met=not aim or speed >= ROWS_A_SECOND,
    )


def _first(world: World, step: int) -> Figure:
    """A table without a dead row: a page too full, or an index on a flag, shows in its first pass only."""
    duel = Duel(world, step)
    passes = {name: Series() for name in ("first", "later")}
    for _round in range(FIRST_ROUNDS if world.size.judges else 1):
        for name, series in passes.items():
            duel.make_ready()
            duel.floor()
            with standing(OUTSIDE):
                execute("VACUUM FULL bailiwick_customer" if name == "first" else "VACUUM bailiwick_customer")
            duel.make_ready()
            wall, cpu = timed(duel.ours)
            series.wall.append(wall)
            series.cpu.append(cpu)
    return by_processor("bulk.flag.first", passes["first"], passes["later"], at_most=FIRST_LIMIT)


class Duel:
    """Floor and engine in turn on the same customers; what each needs beforehand is made outside the clock."""

    def __init__(self, world: World, step: int) -> None:
        self.world, self.step = world, step
        self.wanted = True
        self.action = _action()
        self.bounds = {"first": world.first, "last": world.first + step - 1}
        self.job: Job | None = None
        self.is_settled = False
        self.turn: Callable[[], None] = self._before_floor

    def make_ready(self) -> None:
        """What comes before each turn; then both stand where the request does that submits the job."""
        with standing(OUTSIDE):
            self.turn()
        if self.step > SMALL or not self.is_settled:
            self._settle()
        stand(place_of(self.world.actor))
        execute("SELECT 1")

    def _settle(self) -> None:
        self.is_settled = True
        with standing(OUTSIDE):
            execute("TRUNCATE bailiwick_event")
        settle("customer", "job", "jobrefusal")

    def floor(self) -> None:
        """As raw as it gets."""
        with transaction.atomic():
            execute(RAW_UPDATE, self.bounds | {"wanted": self.wanted})
            self.insert()

    def insert(self) -> None:
        """As many events as rows."""
        execute(RAW_INSERT, self.bounds)

    def ours(self) -> None:
        """The job, from claim to end."""
        assert self.job is not None
        run_job(self.job, self.action)

    def _before_floor(self) -> None:
        self.check()
        self.wanted = not self.wanted
        self.turn = self._before_ours

    def _before_ours(self) -> None:
        now = timezone.now()
        actor = self.world.actor
        rows = customers_for(actor).filter(pk__range=(self.bounds["first"], self.bounds["last"]))
        raw = {"enabled": "true" if self.wanted else "false"}
        with transaction.atomic():
            selection = freeze_rows(actor, rows, now=now)
            self.job = store_change(actor, self.action, selection, raw=raw, now=now)
        self.turn = self._before_floor

    def check(self) -> None:
        """A benchmark of wrong work is worth nothing: every row of the last job has its outcome."""
        if self.job is not None:
            outcomes = execute(OUTCOMES, [self.job.pk])
            assert outcomes == [(self.step, self.step - _tenths(self.bounds))], outcomes


def _action() -> Change:
    action = MENU.entry("update-customer-alerts")
    assert isinstance(action, Change)
    return action


def _tenths(bounds: dict[str, int]) -> int:
    return sum(1 for pk in range(bounds["first"], bounds["last"] + 1) if pk % 10 == 0)
