"""Events of a move: each partner's log holds its own half; who may read both, reads them as one; subjects name their home."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations, models

time: Any = import_module("bailiwick.migrations.0025_border_in_time")

# A half of a move has no door (engine/handover.py): it stands in the log of who lost the customer, and does not say who
# took it. Who may read the other half too (row-level security lets no partner) reads in each what the other one says.
# Nothing but what is told is looked up: numbers, names and moments, by which events are found, stay plain columns.
HALF = (
    "e.door = '' AND e.customer_id IS NOT NULL AND e.name IN ('ENTERPRISE_RELEASED', 'ENTERPRISE_DISABLE_PROXY_ACCESS')"
)
# There is one at most; asked for the first in order, PostgreSQL walks all events instead of the customer's.
GIVEN = """(SELECT (array_agg({told}))[1] FROM bailiwick_event t WHERE t.customer_id = e.customer_id AND t.id > e.id
      AND t.at = e.at AND t.name = 'ENTERPRISE_TRANSFERRED')"""
LEFT = """(SELECT (array_agg(r.before))[1] FROM bailiwick_event r WHERE r.customer_id = e.customer_id AND r.id < e.id
      AND r.at = e.at AND r.name = 'ENTERPRISE_RELEASED' AND r.door = '')"""
WHOLE = f"""
CREATE VIEW bailiwick_wholeevent WITH (security_invoker = true) AS
SELECT e.id, e.at, e.name, e.category, e.severity,
  CASE WHEN {HALF} THEN {GIVEN.format(told="t.actor_id")} ELSE e.actor_id END AS actor_id,
  CASE WHEN {HALF} THEN coalesce({GIVEN.format(told="t.actor_name")}, e.actor_name) ELSE e.actor_name END AS actor_name,
  e.door, e.address, e.job_id, e.partner_id, e.customer_id, e.subject,
  CASE WHEN e.name = 'ENTERPRISE_TRANSFERRED' AND e.before->>'partner_id' IS NULL
    THEN coalesce(e.before || {LEFT}, e.before) ELSE e.before END AS before,
  e.after
FROM bailiwick_event e
"""
# As in 0025, but over the whole events; and who an event is about is of the home that it names, whoever did it.
OPERATORS = (
    time.OPERATORS.replace("FROM bailiwick_event e\n", "FROM bailiwick_wholeevent e\n")
    .replace("left(v.label, 255) ELSE e.subject", "left(v.about, 255) ELSE e.subject")
    .replace(
        "coalesce('an administrator of ' || coalesce(uc.name, up.name, c.name, p.name), 'a removed user') AS label,",
        """coalesce('an administrator of ' || coalesce(uc.name, up.name, h.name), 'a removed user') AS label,
  coalesce('an administrator of ' || h.name, 'a removed user') AS about,""",
    )
    .replace(
        "CROSS JOIN LATERAL (SELECT x.who,",
        """CROSS JOIN LATERAL (SELECT CASE WHEN e.customer_id IS NULL THEN p.name ELSE c.name END AS name) h
CROSS JOIN LATERAL (SELECT x.who,""",
    )
)
FIELDS = (
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("at", models.DateTimeField()),
    ("name", models.CharField(max_length=64)),
    ("category", models.CharField(default="CONFIGURATION", max_length=16)),
    ("severity", models.CharField(default="INFO", max_length=16)),
    ("actor_id", models.BigIntegerField(null=True)),
    ("actor_name", models.CharField(max_length=254)),
    ("door", models.CharField(max_length=16)),
    ("address", models.CharField(blank=True, default="", max_length=64)),
    ("job_id", models.BigIntegerField(null=True)),
    ("partner_id", models.BigIntegerField(null=True)),
    ("customer_id", models.BigIntegerField(null=True)),
    ("subject", models.CharField(blank=True, default="", max_length=255)),
    ("before", models.JSONField(null=True)),
    ("after", models.JSONField(null=True)),
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0034_customers_partner"),)
    operations = (
        migrations.CreateModel("WholeEvent", FIELDS, {"db_table": "bailiwick_wholeevent", "managed": False}),
        migrations.RunSQL(WHOLE, "DROP VIEW bailiwick_wholeevent"),
        migrations.RunSQL(OPERATORS, time.OPERATORS),
    )
