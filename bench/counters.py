"""counters.flip: edges change state in one statement, with and without the triggers that count them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from bench.figure import Figure, by_processor
from bench.measure import take_turns
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 3.0
FLIP = """
UPDATE bailiwick_edge e SET state = v.state
FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS state) v WHERE e.id = v.id
"""
CHOOSE = """
SELECT id, CASE state WHEN 'CONNECTED' THEN 'OFFLINE' ELSE 'CONNECTED' END
FROM (SELECT id, state FROM bailiwick_edge ORDER BY hashint8extended(id, %s) LIMIT %s) chosen ORDER BY id
"""
WRONG = """
SELECT count(*) FROM bailiwick_customerstat s
LEFT JOIN (
  SELECT customer_id, count(*) AS edges, count(*) FILTER (WHERE state = 'CONNECTED') AS connected,
    count(*) FILTER (WHERE state = 'DEGRADED') AS degraded, count(*) FILTER (WHERE state = 'OFFLINE') AS down,
    count(*) FILTER (WHERE state = 'NEVER_ACTIVATED') AS unactivated
  FROM bailiwick_edge GROUP BY customer_id
) n USING (customer_id)
WHERE (s.edges, s.edges_connected, s.edges_degraded, s.edges_down, s.edges_unactivated) IS DISTINCT FROM
  (coalesce(n.edges, 0), coalesce(n.connected, 0), coalesce(n.degraded, 0), coalesce(n.down, 0),
   coalesce(n.unactivated, 0))
  OR s.status <> bailiwick_status(s.edges_connected, s.edges_degraded, s.edges_down)
"""


def run(world: World) -> Iterator[Figure]:
    """Every step of the size; both contenders roll back, so each round sees the same rows."""
    for step in world.size.steps:
        ids, states = zip(*execute(CHOOSE, [step, step]), strict=True)
        flip: tuple[str, list[Any]] = (FLIP, [list(ids), list(states)])
        rounds = world.size.rounds if step > 1_000 else world.size.rounds * 4
        settle("edge", "customerstat")
        contenders = {"floor": partial(_undone, flip, "DISABLE"), "ours": partial(_undone, flip, "ENABLE")}
        took = take_turns(contenders, rounds=rounds)
        yield by_processor(f"counters.flip.{step}", took["ours"], took["floor"], at_most=LIMIT)
    wrong = execute(WRONG)[0][0]
    yield Figure("counters.right", f"{wrong} wrong counters", "a full recount", ratio=float(wrong), at_most=0)


def _undone(flip: tuple[str, list[Any]], triggers: str) -> None:
    with transaction.atomic():
        execute(f"ALTER TABLE bailiwick_edge {triggers} TRIGGER edge_updated")
        execute(*flip)
        transaction.set_rollback(True)
