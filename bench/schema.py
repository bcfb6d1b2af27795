"""schema.fk_indexed: every foreign key leads an index, or deleting a customer walks whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.figure import Figure
from bench.world import World, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

UNINDEXED = """
SELECT conrelid::regclass || '.' || conname FROM pg_constraint c
WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS (
  SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
    AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
)
"""
COUNT = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"


def run(_world: World) -> Iterator[Figure]:
    """Names those without an index."""
    missing = [name for (name,) in execute(UNINDEXED)]
    total = execute(COUNT)[0][0]
    told = ", ".join(missing) or "none without an index"
    yield Figure("schema.fk_indexed", told, f"{total} foreign keys", ratio=float(len(missing)), at_most=0)
