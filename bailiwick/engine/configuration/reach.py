"""How far a change goes: the profiles and edges that lead to it count it, and their devices see another number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from bailiwick.models import ConfigurationObject

# Upwards: who names it, and whose part it is. An edge is not counted for its profile: its device compares both numbers.
TOUCH = """
WITH RECURSIVE reached (id) AS (
  SELECT %(changed)s::int
  UNION
  SELECT up.id FROM reached r, LATERAL (
    SELECT f.from_id FROM bailiwick_configurationreference f WHERE f.customer_id = %(customer)s AND f.to_id = r.id
    UNION ALL
    SELECT o.parent_id FROM bailiwick_configurationobject o
    WHERE o.customer_id = %(customer)s AND o.local_id = r.id AND o.edge_id IS NULL AND o.parent_id IS NOT NULL
  ) up (id)
)
UPDATE bailiwick_configurationobject SET reach = reach + 1
WHERE customer_id = %(customer)s AND local_id IN (SELECT id FROM reached) AND kind IN ('profile', 'edge-settings')
"""


def touch(row: ConfigurationObject) -> None:
    """Counts a change of it, in the caller's transaction: after it is written, or before it is removed."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, {"customer": row.customer_id, "changed": row.local_id})
