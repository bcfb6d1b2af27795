"""Factors, recovery codes, identities and providers go with what owns them, inside PostgreSQL (0009 says why)."""

from __future__ import annotations

from django.db import migrations

CASCADE = """
DO $$
DECLARE owned record;
BEGIN
  FOR owned IN
    SELECT conrelid::regclass AS child, conname AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE contype = 'f' AND confdeltype <> 'c' AND conrelid IN ('bailiwick_factor'::regclass,
      'bailiwick_recoverycode'::regclass, 'bailiwick_identity'::regclass, 'bailiwick_identityprovider'::regclass)
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', owned.child, owned.name);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', owned.child, owned.name,
      replace(owned.rule, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE'));
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0017_factor"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
