"""Events across a border: a partner that closed itself shows operators no user; no partner reads of another one."""

from __future__ import annotations

from django.db import migrations, models

# As in 0021, but for the users of a partner that lets no operator in too (domain 8.4, partner to operator).
OPERATORS = """
CREATE OR REPLACE VIEW bailiwick_veiledevent WITH (security_invoker = true) AS
SELECT e.id, e.at, e.name, e.category, e.severity,
  CASE WHEN v.who THEN NULL ELSE e.actor_id END AS actor_id,
  CASE WHEN v.who THEN left(v.label, 254) ELSE e.actor_name END AS actor_name,
  e.door, CASE WHEN v.who THEN '' ELSE e.address END AS address,
  e.job_id, e.partner_id, e.customer_id,
  CASE WHEN v.whom AND e.subject LIKE '%@%' THEN left(v.label, 255) ELSE e.subject END AS subject,
  CASE WHEN v.facts IS NULL THEN e.before ELSE
    (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(e.before) f WHERE f.key = ANY(v.facts)) END AS before,
  CASE WHEN v.facts IS NULL THEN e.after ELSE
    (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(e.after) f WHERE f.key = ANY(v.facts)) END AS after
FROM bailiwick_event e
LEFT JOIN bailiwick_customer c ON c.id = e.customer_id
LEFT JOIN bailiwick_partner p ON p.id = e.partner_id
LEFT JOIN bailiwick_user u ON u.id = e.actor_id
LEFT JOIN bailiwick_customer uc ON uc.id = u.customer_id
LEFT JOIN bailiwick_partner up ON up.id = u.partner_id
CROSS JOIN LATERAL (SELECT CASE
  WHEN e.customer_id IS NOT NULL THEN NOT coalesce(c.operator_access AND c.operator_user_management, false)
  WHEN e.partner_id IS NOT NULL THEN NOT coalesce(p.operator_access, false) ELSE false END AS closed
) w
CROSS JOIN LATERAL (SELECT
  coalesce(u.level = 'customer' AND NOT (uc.operator_access AND uc.operator_user_management), false)
    OR coalesce(u.level = 'partner' AND NOT up.operator_access, false)
    OR (u.id IS NULL AND (e.actor_id IS NOT NULL OR (w.closed AND e.category = 'SECURITY'))) AS who,
  w.closed AND e.category IN ('USER', 'SECURITY') AND e.name <> 'SUPPORT_EMAIL' AS whom
) x
CROSS JOIN LATERAL (SELECT x.who, x.whom,
  coalesce('an administrator of ' || coalesce(uc.name, up.name, c.name, p.name), 'a removed user') AS label,
  CASE WHEN x.whom THEN ARRAY['role', 'custom_role_id', 'is_active', 'deleted_at', 'purpose', 'sessions']
    WHEN NOT coalesce(c.operator_access, e.customer_id IS NOT NULL OR p.operator_access) THEN ARRAY['name', 'account_number', 'domain', 'logical_id', 'deleted_at',
      'partner_id', 'operator_access', 'partner_access', 'operator_user_management'] END AS facts
) v
"""
# A customer that moves passes a border. Its event carries the partner that it left, whose users read no more than that
# it left: who took it, in which job, and to whom. Of a move to them, and of any other event, no other partner's number.
PARTNERS = """
CREATE VIEW bailiwick_partnersevent WITH (security_invoker = true) AS
SELECT e.id, e.at, e.name, e.category, e.severity,
  CASE WHEN v.gone THEN NULL ELSE e.actor_id END AS actor_id,
  CASE WHEN v.gone THEN 'the operator' ELSE e.actor_name END AS actor_name,
  CASE WHEN v.gone THEN '' ELSE e.door END AS door, CASE WHEN v.gone THEN '' ELSE e.address END AS address,
  CASE WHEN v.gone THEN NULL ELSE e.job_id END AS job_id, e.partner_id, e.customer_id, e.subject,
  CASE WHEN (e.before->>'partner_id')::bigint <> e.partner_id THEN e.before - 'partner_id' ELSE e.before END AS before,
  CASE WHEN (e.after->>'partner_id')::bigint <> e.partner_id THEN e.after - 'partner_id' ELSE e.after END AS after
FROM bailiwick_event e
CROSS JOIN LATERAL (SELECT
  e.name = 'ENTERPRISE_TRANSFERRED' AND coalesce((e.after->>'partner_id')::bigint <> e.partner_id, false) AS gone
) v
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0021_closed_to_operator"),)
    operations = (
        migrations.CreateModel(
            name="PartnersEvent",
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
            options={"db_table": "bailiwick_partnersevent", "managed": False},
        ),
        migrations.RunSQL(OPERATORS, migrations.RunSQL.noop),
        migrations.RunSQL(PARTNERS, "DROP VIEW bailiwick_partnersevent"),
    )
