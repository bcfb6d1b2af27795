"""How a roll-out shall go, and what that means for the edges that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import time

# Who runs a device now; all others get the image of the profile when they are activated.
EDGES = """FROM bailiwick_edge e JOIN bailiwick_customer c ON c.id = e.customer_id AND c.deleted_at IS NULL
WHERE coalesce(e.operator_profile_id, c.operator_profile_id) = %(profile)s
  AND e.activation_state IN ('ACTIVATED', 'REACTIVATION_PENDING')"""
COUNT = f"SELECT count(*), count(*) FILTER (WHERE e.state = 'OFFLINE') {EDGES}"


class Terms(NamedTuple):
    """What a form says of a roll-out; the names are its columns. Times are those of each edge's own place."""

    canary: int
    percents: Sequence[int]
    pause_minutes: int
    most_failures: int
    patience_minutes: int
    window_from: time | None
    window_until: time | None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """What a clean form holds of it."""
        return cls(**{name: values[name] for name in cls._fields})


class Plan(NamedTuple):
    """How many edges each wave has, and how many of them are offline now."""

    waves: tuple[int, ...]
    offline: int

    @property
    def edges(self) -> int:
        """In all waves together."""
        return sum(self.waves)


def plan(profile_id: int, terms: Terms) -> Plan:
    """What the terms mean for the edges of the profile as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"profile": profile_id})
        edges, offline = cursor.fetchone()
    return Plan(_sizes(edges, terms), offline)


def _sizes(edges: int, terms: Terms) -> tuple[int, ...]:
    """The canary, and what each percentage adds, rounded up: of few edges too each step is one."""
    reached = [min(terms.canary, edges)]
    for percent in terms.percents:
        reached.append(max(reached[-1], -(-edges * percent // 100)))
    return tuple(after - before for before, after in zip([0, *reached], reached, strict=False))
