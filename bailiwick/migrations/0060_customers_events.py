"""Events as customers read them: the operator's own number and alerts are not theirs to know (MOD-03, domain 1.6)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations

halves: Any = import_module("bailiwick.migrations.0035_halves")
# What told.py calls the operator's own, and the key that is made of the number.
OWN = "'{account_number,account_key,operator_alerts_enabled}'::text[]"
VIEW = f"""
CREATE VIEW bailiwick_customersevent WITH (security_invoker = true) AS
SELECT e.id, e.at, e.name, e.category, e.severity, e.actor_id, e.actor_name, e.door, e.address, e.job_id, e.partner_id,
  e.customer_id, e.subject, e.before - {OWN} AS before, e.after - {OWN} AS after
FROM bailiwick_wholeevent e WHERE e.name <> 'OPERATOR_ALERTS_UPDATED'
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0059_rollouts_go_along"),)
    operations = (
        migrations.CreateModel(
            "CustomersEvent", halves.FIELDS, {"db_table": "bailiwick_customersevent", "managed": False}
        ),
        migrations.RunSQL(VIEW, "DROP VIEW bailiwick_customersevent"),
    )
