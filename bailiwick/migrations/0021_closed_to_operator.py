"""Customers that let no operator in: found by themselves, their events without contents; the list sorts by every column."""

from __future__ import annotations

from django.db import migrations, models

from bailiwick.models.order import Beginning, Degrees, Written

# As in 0015, but operators read what changed in a customer only where it lets them in; otherwise these facts alone.
VIEW = """
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
LEFT JOIN bailiwick_user u ON u.id = e.actor_id
LEFT JOIN bailiwick_customer uc ON uc.id = u.customer_id
CROSS JOIN LATERAL (SELECT
  e.customer_id IS NOT NULL AND NOT coalesce(c.operator_access AND c.operator_user_management, false) AS closed
) w
CROSS JOIN LATERAL (SELECT
  coalesce(u.level = 'customer' AND NOT (uc.operator_access AND uc.operator_user_management), false)
    OR (u.id IS NULL AND (e.actor_id IS NOT NULL OR (w.closed AND e.category = 'SECURITY'))) AS who,
  w.closed AND e.category IN ('USER', 'SECURITY') AND e.name <> 'SUPPORT_EMAIL' AS whom
) x
CROSS JOIN LATERAL (SELECT x.who, x.whom,
  coalesce('an administrator of ' || coalesce(uc.name, c.name), 'a removed user') AS label,
  CASE WHEN x.whom THEN ARRAY['role', 'custom_role_id', 'is_active', 'deleted_at', 'purpose', 'sessions']
    WHEN NOT c.operator_access THEN ARRAY['name', 'account_number', 'domain', 'logical_id', 'deleted_at', 'partner_id',
      'operator_access', 'partner_access', 'operator_user_management'] END AS facts
) v
"""
CUSTOMER = models.Index(fields=("id",), condition=models.Q(operator_access=False), name="customer_closed_to_operator")
DETAIL = (
    models.Index(fields=("edge_configuration_updates", "customer"), name="detail_by_updates"),
    models.Index(fields=("edge_configuration_updates_on_upgrade", "customer"), name="detail_by_upgrade"),
    models.Index(Beginning("description"), "customer", name="detail_by_description"),
    models.Index(Written("services"), "customer", name="detail_by_services"),
    models.Index(Degrees("latitude"), "customer", name="detail_by_latitude"),
    models.Index(Degrees("longitude"), "customer", name="detail_by_longitude"),
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0019_tickets"),)
    operations = (
        migrations.AddIndex("customer", CUSTOMER),
        *(migrations.AddIndex("customerdetail", index) for index in DETAIL),
        migrations.RunSQL(VIEW, migrations.RunSQL.noop),
    )
