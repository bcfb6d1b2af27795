"""The border in time: what was done while a partner was not let in names it no more; a purge says what was closed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations

borders: Any = import_module("bailiwick.migrations.0022_borders")

BETWEEN = """('ENTERPRISE_RELEASED', 'ENTERPRISE_TRANSFERRED', 'ENTERPRISE_TRANSFER_OFFERED', 'ENTERPRISE_TRANSFER_ACCEPTED',
  'ENTERPRISE_ENABLE_PROXY_ACCESS', 'ENTERPRISE_DISABLE_PROXY_ACCESS')"""
SWITCHED = "('ENTERPRISE_ENABLE_PROXY_ACCESS', 'ENTERPRISE_DISABLE_PROXY_ACCESS', 'ENTERPRISE_RELEASED')"
# Whether it was closed then: what switched last before; else what the next switch overwrote; else how it is now.
CLOSED_TIME = f"""
UPDATE bailiwick_event e SET partner_id = NULL
WHERE e.customer_id IN (
    SELECT id FROM bailiwick_customer WHERE partner_id IS NOT NULL AND NOT partner_access
    UNION SELECT customer_id FROM bailiwick_event WHERE name IN {SWITCHED}
  ) AND e.partner_id IS NOT NULL AND e.name NOT IN {BETWEEN}
  AND NOT EXISTS (
    SELECT FROM bailiwick_user u WHERE u.id = e.actor_id AND u.level = 'partner' AND u.partner_id = e.partner_id)
  AND ('false' IN (e.before->>'partner_access', e.after->>'partner_access') OR coalesce(
    (SELECT s.name <> 'ENTERPRISE_ENABLE_PROXY_ACCESS' FROM bailiwick_event s
     WHERE s.customer_id = e.customer_id AND s.partner_id = e.partner_id AND s.name IN {SWITCHED} AND s.id < e.id
     ORDER BY s.id DESC LIMIT 1),
    (SELECT s.name = 'ENTERPRISE_ENABLE_PROXY_ACCESS' OR coalesce(s.before->>'partner_access' = 'false', false)
     FROM bailiwick_event s
     WHERE s.customer_id = e.customer_id AND s.partner_id = e.partner_id AND s.name IN {SWITCHED} AND s.id > e.id
     ORDER BY s.id LIMIT 1),
    (SELECT NOT c.partner_access FROM bailiwick_customer c WHERE c.id = e.customer_id AND c.partner_id = e.partner_id),
    false));

UPDATE bailiwick_job j SET partner_id = NULL WHERE customer_id IS NOT NULL AND partner_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM bailiwick_customer c WHERE c.id = j.customer_id AND c.partner_id = j.partner_id AND c.partner_access);
"""
# As in 0022, but of a customer that let no operator in when it was purged its events go on telling what identifies it.
OPEN = "coalesce(c.operator_access, e.customer_id IS NOT NULL OR p.operator_access)"
OPEN_OR_PURGED = """coalesce(c.operator_access, CASE WHEN e.customer_id IS NULL THEN p.operator_access ELSE NOT EXISTS (
      SELECT FROM bailiwick_event g WHERE g.customer_id = e.customer_id AND g.name = 'PURGE_ENTERPRISE'
        AND g.before->>'operator_access' = 'false') END)"""
OPERATORS = borders.OPERATORS.replace(OPEN, OPEN_OR_PURGED)


class Migration(migrations.Migration):
    # After the seals, which came to the tree first; in one upgrade nothing is sealed yet when this changes events.
    dependencies = (("bailiwick", "0030_seals"),)
    operations = (
        migrations.RunSQL(CLOSED_TIME, migrations.RunSQL.noop),
        migrations.RunSQL(OPERATORS, borders.OPERATORS),
    )
