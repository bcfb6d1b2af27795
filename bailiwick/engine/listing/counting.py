"""How many customers there are in an actor's portal, without slowing the list."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bailiwick.access.scope import customers_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor

CAP = 10_000
FRESH = 10.0  # seconds that a number above the cap may be old


@dataclass(frozen=True, slots=True)
class Total:
    """A number of rows; where it is not exact, there are at least so many."""

    count: int
    exact: bool = True


MOST_KEPT = 1_000

_large: dict[tuple[Any, ...], float] = {}
_kept: dict[tuple[str, int | None, int | None], tuple[float, int]] = {}


def total_of(actor: Actor) -> Total:
    """All customers of the actor's portal: exact up to the cap, above it exact as of some seconds ago."""
    home = (actor.level, actor.partner_id, actor.customer_id)
    counted_at, count = _kept.get(home, (0.0, 0))
    if count > CAP and time.monotonic() - counted_at < FRESH:
        return Total(count)
    count = customers_for(actor).count()
    _kept[home] = (time.monotonic(), count)
    return Total(count)


def known_large(actor: Actor, raw: Mapping[str, Any]) -> bool:
    """Whether this filter was seen to match more than the cap a moment ago."""
    return time.monotonic() - _large.get(_name(actor, raw), -FRESH) < FRESH


def remember_large(actor: Actor, raw: Mapping[str, Any]) -> None:
    """Notes that this filter matches more than the cap, so that the next pages need not count it again."""
    if len(_large) >= MOST_KEPT:
        _large.clear()
    _large[_name(actor, raw)] = time.monotonic()


def _name(actor: Actor, raw: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        actor.level,
        actor.partner_id,
        actor.customer_id,
        *sorted((name, str(value)) for name, value in raw.items()),
    )
