"""Which edges are heard: one statement finds what changed since it was asked last, and writes an event for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from datetime import datetime

# Two heartbeats that are missed make an edge offline, and a third one has not been due when it is said.
MISSED = 2.3
# Between two changes of state the edge's own row, which lists and exports read, is at most so many seconds behind.
BEHIND = 60
# In the order of ids, so that two of these statements never wait for each other in a circle.
FOLLOW = """
WITH heard AS (
  SELECT c.edge_id, c.at, c.software_version,
    CASE WHEN c.at + c.seconds * %(missed)s * interval '1 second' < %(now)s THEN 'OFFLINE'
      WHEN c.is_degraded THEN 'DEGRADED' ELSE 'CONNECTED' END AS state
  FROM bailiwick_devicecontact c
), due AS (
  SELECT e.id, e.state AS before, h.state, h.at, h.software_version
  FROM heard h JOIN bailiwick_edge e ON e.id = h.edge_id
  WHERE e.activation_state IN ('ACTIVATED', 'REACTIVATION_PENDING')
    AND (e.state <> h.state OR (h.software_version <> '' AND e.software_version <> h.software_version)
      OR e.last_contact_at IS NULL OR h.at > e.last_contact_at + %(behind)s * interval '1 second')
  ORDER BY e.id FOR UPDATE OF e
), followed AS (
  UPDATE bailiwick_edge e SET state = d.state, last_contact_at = d.at,
    software_version = coalesce(nullif(d.software_version, ''), e.software_version),
    software_updated_at = CASE WHEN d.software_version NOT IN ('', e.software_version) THEN %(now)s
      ELSE e.software_updated_at END
  FROM due d WHERE e.id = d.id
  RETURNING e.id, e.customer_id, e.partner_id, e.name, d.before, d.state
)
INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, partner_id, customer_id, subject,
  before, after)
SELECT %(now)s, CASE f.state WHEN 'OFFLINE' THEN 'EDGE_DOWN' WHEN 'DEGRADED' THEN 'EDGE_DEGRADED' ELSE 'EDGE_UP' END,
  'EDGE', CASE f.state WHEN 'OFFLINE' THEN 'ERROR' WHEN 'DEGRADED' THEN 'WARNING' ELSE 'INFO' END,
  'Bailiwick', 'worker', '', CASE WHEN u.partner_access THEN f.partner_id END, f.customer_id, f.name,
  jsonb_build_object('state', f.before), jsonb_build_object('state', f.state)
FROM followed f JOIN bailiwick_customer u ON u.id = f.customer_id AND u.deleted_at IS NULL
WHERE f.state <> f.before ORDER BY f.id
"""


def follow(now: datetime) -> int:
    """Brings the state of every edge up to date; returns how many changed theirs."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOLLOW, {"now": now, "missed": MISSED, "behind": BEHIND})
        return int(cursor.rowcount)
