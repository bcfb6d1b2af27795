"""Licences go with their customer, inside PostgreSQL (0009 says why): a key is there at its migration's end."""

from __future__ import annotations

from django.db import migrations

CASCADE = """
DO $$
DECLARE owned record;
BEGIN
  FOR owned IN
    SELECT conname AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE conrelid = 'bailiwick_customerlicence'::regclass AND confrelid = 'bailiwick_customer'::regclass
      AND contype = 'f' AND confdeltype <> 'c'
  LOOP
    EXECUTE format('ALTER TABLE bailiwick_customerlicence DROP CONSTRAINT %I', owned.name);
    EXECUTE format('ALTER TABLE bailiwick_customerlicence ADD CONSTRAINT %I %s', owned.name,
      replace(owned.rule, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE'));
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0050_licences"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
