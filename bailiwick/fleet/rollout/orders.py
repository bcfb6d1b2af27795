"""The statements by which edges get their order, lose it, and are seen to have followed it; one event a change."""

from __future__ import annotations

EVENT = """INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, partner_id,
  customer_id, subject, before, after)"""
# In the order of ids, as the statement that follows heartbeats does it: the two never wait for each other in a circle.
ORDERED = f"""
WITH chosen AS (
  SELECT e.id, x.id AS part, e.name, e.customer_id, e.partner_id, c.partner_access, e.software_version,
    e.state IN ('CONNECTED', 'DEGRADED') AS is_up
  FROM bailiwick_rolloutedge x JOIN bailiwick_edge e ON e.id = x.edge_id
  JOIN bailiwick_customer c ON c.id = e.customer_id JOIN bailiwick_customerdetail d ON d.customer_id = c.id
  WHERE x.rollout_id = %(rollout)s AND x.step = 'waiting' AND x.wave <= %(wave)s
    AND (%(zones)s::text[] IS NULL OR coalesce(nullif(e.timezone, ''), d.timezone) = ANY(%(zones)s))
  ORDER BY e.id FOR UPDATE OF e
), ordered AS (
  UPDATE bailiwick_edge e SET ordered_image_id = %(image)s FROM chosen WHERE e.id = chosen.id
), told AS (
  UPDATE bailiwick_rolloutedge x SET step = CASE WHEN is_up THEN 'ordered' ELSE 'away' END, ordered_at = %(now)s,
    before = software_version FROM chosen WHERE x.id = chosen.part
)
{EVENT}
SELECT %(now)s, 'EDGE_SOFTWARE_UPDATE_ORDERED', 'EDGE', 'INFO', NULL, 'Bailiwick', 'worker', '',
  CASE WHEN partner_access THEN partner_id END, customer_id, name,
  jsonb_build_object('software_version', software_version), jsonb_build_object('software_version', %(version)s::text)
FROM chosen ORDER BY id
"""
# What became of edges since they were looked at last; one that comes late counts as one that came.
NOTICED = f"""
WITH judged AS (
  SELECT x.id, x.edge_id, x.before, e.name, e.customer_id, e.partner_id, c.partner_access,
    CASE
      WHEN c.deleted_at IS NOT NULL OR e.activation_state NOT IN ('ACTIVATED', 'REACTIVATION_PENDING') THEN 'inactive'
      WHEN coalesce(e.operator_profile_id, c.operator_profile_id) <> %(profile)s THEN 'other_profile'
      WHEN x.step <> 'waiting' AND k.software_version = %(version)s AND k.at >= x.ordered_at THEN 'done'
      WHEN x.step = 'ordered' AND x.ordered_at + %(patience)s * interval '1 minute' < %(now)s
        THEN CASE WHEN e.state = 'OFFLINE' THEN 'not_back' ELSE 'not_changed' END
    END AS found
  FROM bailiwick_rolloutedge x JOIN bailiwick_edge e ON e.id = x.edge_id
  JOIN bailiwick_customer c ON c.id = e.customer_id LEFT JOIN bailiwick_devicecontact k ON k.edge_id = e.id
  WHERE x.rollout_id = %(rollout)s AND x.step IN ('waiting', 'ordered', 'away', 'failed')
), ended AS (
  UPDATE bailiwick_rolloutedge x SET ended_at = %(now)s, why = CASE found WHEN 'done' THEN '' ELSE found END,
    step = CASE WHEN found = 'done' THEN 'done' WHEN found LIKE 'not_%%' THEN 'failed' ELSE 'skipped' END
  FROM judged j WHERE j.id = x.id AND j.found IS NOT NULL
  RETURNING x.edge_id, x.step, x.why, j.before, j.name, j.customer_id, j.partner_id, j.partner_access
), freed AS (
  UPDATE bailiwick_edge e SET ordered_image_id = NULL
  FROM ended WHERE ended.step = 'skipped' AND e.id = ended.edge_id AND e.ordered_image_id IS NOT NULL
)
{EVENT}
SELECT %(now)s, 'EDGE_SOFTWARE_UPDATE_' || upper(step), 'EDGE', CASE step WHEN 'failed' THEN 'ERROR' ELSE 'INFO' END,
  NULL, 'Bailiwick', 'worker', '', CASE WHEN partner_access THEN partner_id END, customer_id, name,
  jsonb_build_object('software_version', before),
  CASE step WHEN 'done' THEN jsonb_build_object('software_version', %(version)s::text)
    ELSE jsonb_build_object('why', why) END
FROM ended ORDER BY edge_id
"""
FREED = """
UPDATE bailiwick_edge e SET ordered_image_id = NULL FROM bailiwick_rolloutedge x
WHERE x.rollout_id = %(rollout)s AND e.id = x.edge_id AND e.ordered_image_id IS NOT NULL
"""
WITHDRAWN = f"""
WITH freed AS (
  {FREED} RETURNING e.id, e.name, e.customer_id, e.partner_id
)
{EVENT}
SELECT %(now)s, 'EDGE_SOFTWARE_UPDATE_WITHDRAWN', 'EDGE', 'INFO', %(actor)s::bigint, %(actor_name)s, %(door)s,
  %(address)s, CASE WHEN c.partner_access THEN f.partner_id END, f.customer_id, f.name, NULL, NULL
FROM freed f JOIN bailiwick_customer c ON c.id = f.customer_id ORDER BY f.id
"""
ZONES = """
SELECT DISTINCT coalesce(nullif(e.timezone, ''), d.timezone)
FROM bailiwick_rolloutedge x JOIN bailiwick_edge e ON e.id = x.edge_id
JOIN bailiwick_customerdetail d ON d.customer_id = e.customer_id
WHERE x.rollout_id = %(rollout)s AND x.step = 'waiting' AND x.wave <= %(wave)s
"""
