"""Keys of two columns, which Django cannot say, and who sees which configuration (docs/adr/0027)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import migrations

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")

TABLES = ("configurationobject", "configurationreference", "configurationversion")
# Who is named goes together with who names him, in any order: that is asked when all is done.
CASCADE = """
DO $$
DECLARE owned record;
BEGIN
  FOR owned IN
    SELECT conname AS name, conrelid::regclass AS child, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE conrelid IN ('bailiwick_configurationobject'::regclass, 'bailiwick_configurationreference'::regclass,
        'bailiwick_configurationversion'::regclass)
      AND confrelid = 'bailiwick_customer'::regclass AND contype = 'f' AND confdeltype <> 'c'
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', owned.child, owned.name);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', owned.child, owned.name,
      replace(owned.rule, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE'));
  END LOOP;
END $$;
ALTER TABLE bailiwick_configurationobject ADD CONSTRAINT configuration_parent FOREIGN KEY (customer_id, parent_id)
  REFERENCES bailiwick_configurationobject (customer_id, local_id) ON DELETE CASCADE;
ALTER TABLE bailiwick_configurationreference
  ADD CONSTRAINT configuration_from FOREIGN KEY (customer_id, from_id)
    REFERENCES bailiwick_configurationobject (customer_id, local_id) ON DELETE CASCADE,
  ADD CONSTRAINT configuration_to FOREIGN KEY (customer_id, to_id)
    REFERENCES bailiwick_configurationobject (customer_id, local_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE bailiwick_configurationversion ADD CONSTRAINT configuration_past FOREIGN KEY (customer_id, local_id)
  REFERENCES bailiwick_configurationobject (customer_id, local_id) ON DELETE CASCADE;
"""
UNDO = """
ALTER TABLE bailiwick_configurationversion DROP CONSTRAINT configuration_past;
ALTER TABLE bailiwick_configurationreference DROP CONSTRAINT configuration_from, DROP CONSTRAINT configuration_to;
ALTER TABLE bailiwick_configurationobject DROP CONSTRAINT configuration_parent;
"""


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Each home sees its own."""
    for table in TABLES:
        editor.execute(f"ALTER TABLE bailiwick_{table} ENABLE ROW LEVEL SECURITY", params=None)
        wall._allow(editor, table, "operator", "true", to=wall._both("operator"))
        wall._allow(editor, table, "worker", "true")
        for level, rule in zip(("partner", "customer"), wall.HOME, strict=True):
            wall._allow(editor, table, level, f"coalesce({rule}, false)", to=wall._both(level))


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0048_configuration"),)
    operations = (migrations.RunSQL(CASCADE, UNDO), migrations.RunPython(build, migrations.RunPython.noop))
