"""As in 0009: an offer goes with its customer, partner or pool inside PostgreSQL, in the one DELETE of that row."""

from __future__ import annotations

from django.db import migrations

CASCADE = """
DO $$
DECLARE owned record;
BEGIN
  FOR owned IN
    SELECT conname AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE conrelid = 'bailiwick_transferoffer'::regclass AND contype = 'f' AND confdeltype <> 'c'
  LOOP
    EXECUTE format('ALTER TABLE bailiwick_transferoffer DROP CONSTRAINT %I', owned.name);
    EXECUTE format('ALTER TABLE bailiwick_transferoffer ADD CONSTRAINT %I %s', owned.name,
      replace(owned.rule, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE'));
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0012_offers"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
