"""grid.*: pages of the customers list beside a round trip of SELECT 1 and beside what a list usually does."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from bailiwick.access.scope import customers_for
from bailiwick.engine.listing import jump
from bailiwick.engine.listing.filters import matching
from bailiwick.engine.listing.grid import page
from bailiwick.engine.listing.jump import page_at
from bailiwick.engine.listing.sorts import SORTS
from bailiwick.engine.listing.spot import Spot, seal
from bailiwick.engine.selection import freeze_rows
from bench.figure import Figure, by_processor, milliseconds
from bench.measure import Series, take_turns
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROUND_TRIPS = 8.0
ROUNDS = 40
JUMP = 3.0
PAGES = {"name": "name", "edges": "-edges", "down": "-edges_down", "status": "-status", "created": "-created"}
SEARCH_MS, FILTER_MS, PLAIN_MS = 25, 30, 2


def run(world: World) -> Iterator[Figure]:
    """Plain pages, pages deep in the list, filtered pages, searches, and the freezing of all that match."""
    settle("customer", "customerstat", "customersearch", "customerdetail")
    yield from _plain(world)
    yield _jumped(world)
    yield from _filtered(world)
    yield from _searched(world)
    yield _select_all(world)


def select_one() -> None:
    """The floor of everything: there and back."""
    execute("SELECT 1")


def _rounds(world: World) -> int:
    return ROUNDS if world.size.judges else 2


def _plain(world: World) -> Iterator[Figure]:
    ask = partial(page, world.actor, {})
    contenders: dict[str, Callable[[], object]] = {"floor": select_one}
    for name, sort in PAGES.items():
        contenders[f"page.{name}"] = partial(ask, sort=sort)
    contenders["deep.name"] = partial(ask, sort="name", after=_middle(world, "name"))
    contenders["last.edges"] = partial(ask, sort="-edges", before=_end(world))
    _warm(contenders)
    took = take_turns(contenders, rounds=_rounds(world))
    for name in contenders:
        if name != "floor":
            yield _beside_round_trip(f"grid.{name}", took[name], took["floor"], within=PLAIN_MS)


def _jumped(world: World) -> Figure:
    """Pages by number, all over the list, beside the same pages by their tokens; the first jump makes the anchors."""
    jump.forget()
    numbers = [1 + world.size.customers // 50 * tenth // 10 for tenth in range(1, 10)]
    pages, first = partial(page_at, world.actor, {}, sort="-edges"), time.perf_counter()
    pages(numbers[0])
    made = (time.perf_counter() - first) * 1000
    tokens = [seal(_before(world, "-edges", number)) for number in numbers]
    contenders: dict[str, Callable[[], object]] = {
        "floor": lambda: [page(world.actor, {}, sort="-edges", after=token) for token in tokens],
        "ours": lambda: [pages(number) for number in numbers],
    }
    _warm(contenders)
    took = take_turns(contenders, rounds=_rounds(world))
    aim = f"anchors made in {milliseconds(made)}, for a minute"
    return by_processor("grid.jump", took["ours"], took["floor"], at_most=JUMP, aim=aim)


def _before(world: World, sort: str, number: int) -> Spot:
    spot = jump.spot_before(world.actor, {}, sort, (number - 1) * 50)
    assert spot is not None
    return spot


def _filtered(world: World) -> Iterator[Figure]:
    ((partner, pool),) = execute(
        "SELECT mode() WITHIN GROUP (ORDER BY partner_id), mode() WITHIN GROUP (ORDER BY gateway_pool_id)"
        " FROM bailiwick_customer"
    )
    cases: dict[str, tuple[Mapping[str, Any], str]] = {
        "partner": ({"partner": partner}, "-edges_down"),
        "poolstatus": ({"gateway_pool": pool, "state": "down"}, "-edges"),
    }
    for name, (raw, sort) in cases.items():
        contenders: dict[str, Callable[[], object]] = {
            "ours": partial(page, world.actor, raw, sort=sort),
            "naive": partial(_naive, world),
        }
        _warm(contenders)
        took = take_turns(contenders, rounds=max(2, _rounds(world) // 4))
        yield Figure(
            f"grid.{name}",
            f"{milliseconds(took['ours'].wall_ms)}, p95 {milliseconds(took['ours'].p95())}",
            f"counting edges for each {milliseconds(took['naive'].wall_ms)}",
            ratio=took["naive"].cpu_ms / took["ours"].cpu_ms,
            at_least=80,
            aim=f"p95 {FILTER_MS} ms",
            aim_met=took["ours"].p95() <= FILTER_MS,
        )


def _naive(world: World) -> None:
    """What a list does that keeps no counters: count the edges of every customer to sort by them."""
    list(customers_for(world.actor).annotate(counted=Count("edges")).order_by("-counted")[:50])


def _searched(world: World) -> Iterator[Figure]:
    rare = execute("SELECT account_number FROM bailiwick_customer WHERE id = %s", [world.last])[0][0]
    terms = {"rare": (rare, ROUND_TRIPS), "common": ("logistics", None), "short": ("st", ROUND_TRIPS)}
    contenders: dict[str, Callable[[], object]] = {"floor": select_one}
    for name, (term, _limit) in terms.items():
        contenders[name] = partial(page, world.actor, {"search": term})
    _warm(contenders)
    took = take_turns(contenders, rounds=_rounds(world))
    for name, (_term, limit) in terms.items():
        yield _beside_round_trip(f"grid.search.{name}", took[name], took["floor"], within=SEARCH_MS, limit=limit)


def _select_all(world: World) -> Figure:
    rows = matching(world.actor, {"state": "down"})
    took = take_turns({"floor": rows.count, "ours": partial(_frozen, world, rows)}, rounds=max(2, _rounds(world) // 4))
    return by_processor("grid.selectall", took["ours"], took["floor"], at_most=1.5)


def _frozen(world: World, rows: Any) -> None:
    with transaction.atomic():
        assert freeze_rows(world.actor, rows, now=timezone.now()).count
        transaction.set_rollback(True)


def _middle(world: World, sort: str) -> str:
    """The token of a page in the middle, as the pages before it would have given it."""
    key = SORTS[sort].keys[0].name  # type: ignore[attr-defined]
    half = world.size.customers // 2
    pk, value = customers_for(world.actor).order_by(key, "pk").values_list("pk", key)[half]
    return seal(Spot(sort, value, pk, half))


def _end(world: World) -> str:
    """The token that leads to the last page by edges."""
    rows = customers_for(world.actor).order_by("stat__edges", "-pk").values_list("pk", "stat__edges")
    pk, value = rows[0]
    return seal(Spot("-edges", value, pk, world.size.customers))


def _warm(contenders: Mapping[str, Callable[[], object]]) -> None:
    for _again in range(6):
        for contender in contenders.values():
            contender()


def _beside_round_trip(
    name: str, ours: Series, floor: Series, *, within: float, limit: float | None = ROUND_TRIPS
) -> Figure:
    return Figure(
        name,
        f"{milliseconds(ours.wall_ms)}, p95 {milliseconds(ours.p95())}",
        f"SELECT 1 {milliseconds(floor.wall_ms)}",
        ratio=ours.cpu_ms / floor.cpu_ms,
        at_most=limit,
        aim=f"p95 {within:g} ms",
        aim_met=ours.p95() <= within,
    )
