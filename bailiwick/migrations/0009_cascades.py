"""What belongs to a row goes with it inside PostgreSQL, in the one DELETE of the row (performance.md section 6).

Django 5.2 knows no cascade of the database's own: the models say CASCADE, and `tests/models/test_cascades.py` holds the
constraints to it. A refusal is told like an event: its job is not asked for again at each commit.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

OWNED = """
DO $$
DECLARE owned record;
BEGIN
  FOR owned IN
    SELECT c.conrelid::regclass AS child, c.conname AS name, pg_get_constraintdef(c.oid) AS rule FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    JOIN (VALUES
      ('edge', 'customer_id'), ('user', 'partner_id'), ('user', 'customer_id'), ('customerdetail', 'customer_id'),
      ('customerstat', 'customer_id'), ('customersearch', 'customer_id'), ('token', 'user_id'), ('link', 'user_id'),
      ('savedview', 'user_id'), ('selectionchunk', 'selection_id'), ('jobinput', 'job_id'), ('jobchunk', 'job_id')
    ) AS o (tail, key) ON c.conrelid = ('bailiwick_' || o.tail)::regclass AND a.attname = o.key
    WHERE c.contype = 'f' AND c.confdeltype <> '{other}'
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', owned.child, owned.name);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', owned.child, owned.name, {rule});
  END LOOP;
END $$;
"""
CASCADE = OWNED.format(other="c", rule="replace(owned.rule, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE')")
NO_ACTION = OWNED.format(other="a", rule="replace(owned.rule, ' ON DELETE CASCADE', '')")


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0008_session"),)
    operations = (
        migrations.RunSQL(CASCADE, NO_ACTION),
        migrations.AlterField(
            model_name="jobrefusal",
            name="job",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="refusals",
                to="bailiwick.job",
            ),
        ),
    )
