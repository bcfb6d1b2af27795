"""All scenarios in the order in which they run: what destroys comes last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access.wall import standing, where
from bench import (
    actions,
    bulk,
    clone,
    counters,
    delete,
    devices,
    export,
    fleet,
    grid,
    growth,
    load,
    neighbours,
    resume,
    schema,
    wall,
    web,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.figure import Figure
    from bench.world import World

SCENARIOS: dict[str, Callable[[World], Iterator[Figure]]] = {
    "schema": schema.run,
    "load": load.run,
    "grid": grid.run,
    "web": web.run,
    "wall": wall.run,
    "export": export.run,
    "counters": counters.run,
    "bulk": bulk.run,
    "neighbours": neighbours.run,
    "resume": resume.run,
    "actions": actions.run,
    "clone": clone.run,
    "fleet": fleet.run,
    "delete": delete.run,
}

ALONE = {"growth": {"growth": growth.run}, "devices": {"devices": devices.run}}


def measure(world: World, names: Sequence[str] = ()) -> Iterator[Figure]:
    """Runs the named scenarios, or all of the size."""
    scenarios = ALONE.get(world.size.name, SCENARIOS)
    for name, scenario in scenarios.items():
        if not names or name in names:
            with standing(where()):
                yield from scenario(world)
