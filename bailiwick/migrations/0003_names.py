"""A version that changes with every name of a partner, gateway pool or operator profile (engine/listing/names.py)."""

from __future__ import annotations

from django.db import migrations

# A random value, not a counter: after a rollback no number is given twice to different names.
VERSION = """
CREATE TABLE bailiwick_namesversion (single boolean PRIMARY KEY DEFAULT true CHECK (single), version uuid NOT NULL);
INSERT INTO bailiwick_namesversion (version) VALUES (gen_random_uuid());
CREATE FUNCTION bailiwick_names_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE bailiwick_namesversion SET version = gen_random_uuid();
  RETURN NULL;
END $$;
CREATE TRIGGER names_changed AFTER INSERT OR DELETE OR UPDATE OF name ON bailiwick_partner
  FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_names_changed();
CREATE TRIGGER names_changed AFTER INSERT OR DELETE OR UPDATE OF name ON bailiwick_gatewaypool
  FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_names_changed();
CREATE TRIGGER names_changed AFTER INSERT OR DELETE OR UPDATE OF name ON bailiwick_operatorprofile
  FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_names_changed();
"""
BACK = """
DROP TRIGGER names_changed ON bailiwick_partner;
DROP TRIGGER names_changed ON bailiwick_gatewaypool;
DROP TRIGGER names_changed ON bailiwick_operatorprofile;
DROP FUNCTION bailiwick_names_changed();
DROP TABLE bailiwick_namesversion;
"""


class Migration(migrations.Migration):
    dependencies = [("bailiwick", "0002_storage")]

    operations = [migrations.RunSQL(VERSION, BACK)]
