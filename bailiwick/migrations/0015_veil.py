"""Events as operators read them: who a customer's users are stays with a customer that manages them itself."""

from __future__ import annotations

from django.db import migrations, models

# Under the reader's own rights (security_invoker), so that row-level security holds behind it too.
# `closed`: the customer lets no operator manage its users, or it is gone. Of an event about users only these facts are shown.
VIEW = """
CREATE VIEW bailiwick_veiledevent WITH (security_invoker = true) AS
SELECT e.id, e.at, e.name, e.category, e.severity,
  CASE WHEN v.who THEN NULL ELSE e.actor_id END AS actor_id,
  CASE WHEN v.who THEN left(v.label, 254) ELSE e.actor_name END AS actor_name,
  e.door, CASE WHEN v.who THEN '' ELSE e.address END AS address,
  e.job_id, e.partner_id, e.customer_id,
  CASE WHEN v.whom AND e.subject LIKE '%@%' THEN left(v.label, 255) ELSE e.subject END AS subject,
  CASE WHEN v.whom THEN (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(e.before) f WHERE f.key = ANY(v.facts))
    ELSE e.before END AS before,
  CASE WHEN v.whom THEN (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(e.after) f WHERE f.key = ANY(v.facts))
    ELSE e.after END AS after
FROM bailiwick_event e
LEFT JOIN bailiwick_customer c ON c.id = e.customer_id
LEFT JOIN bailiwick_user u ON u.id = e.actor_id
LEFT JOIN bailiwick_customer uc ON uc.id = u.customer_id
CROSS JOIN LATERAL (SELECT
  e.customer_id IS NOT NULL AND NOT coalesce(c.operator_user_management, false) AS closed
) w
CROSS JOIN LATERAL (SELECT
  coalesce(u.level = 'customer' AND NOT uc.operator_user_management, false)
    OR (u.id IS NULL AND (e.actor_id IS NOT NULL OR (w.closed AND e.category = 'SECURITY'))) AS who,
  w.closed AND e.category IN ('USER', 'SECURITY') AND e.name <> 'SUPPORT_EMAIL' AS whom,
  coalesce('an administrator of ' || coalesce(uc.name, c.name), 'a removed user') AS label,
  ARRAY['role', 'custom_role_id', 'is_active', 'deleted_at', 'purpose', 'sessions'] AS facts
) v
"""

# As in 0009: what belongs to a row goes with it inside PostgreSQL.
CASCADE = """
DO $$
DECLARE owned record;
BEGIN
  FOR owned IN
    SELECT c.conrelid::regclass AS child, c.conname AS name, pg_get_constraintdef(c.oid) AS rule FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confdeltype <> 'c' AND (c.conrelid, a.attname) IN (
      ('bailiwick_role'::regclass, 'partner_id'), ('bailiwick_role'::regclass, 'customer_id'),
      ('bailiwick_browser'::regclass, 'user_id'), ('bailiwick_device'::regclass, 'user_id'),
      ('bailiwick_formerpassword'::regclass, 'user_id'))
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', owned.child, owned.name);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', owned.child, owned.name,
                   replace(owned.rule, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE'));
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("bailiwick", "0014_people")]

    operations = [
        migrations.CreateModel(
            name="VeiledEvent",
            fields=[
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
            ],
            options={"db_table": "bailiwick_veiledevent", "managed": False},
        ),
        migrations.RunSQL(VIEW, "DROP VIEW bailiwick_veiledevent"),
        migrations.RunSQL(CASCADE, migrations.RunSQL.noop),
    ]
