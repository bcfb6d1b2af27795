"""The chain of seals over the events, and the role that may add to it and do nothing else (docs/adr/0021)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import migrations, models

import bailiwick.models.event

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

runtime: Any = import_module("bailiwick.migrations.0004_runtime_role")

ROLE = "bailiwick_sealer"
# Hashes are not to be compressed; where they are stored plainly, one of them is read without the others.
WALL = """
ALTER TABLE bailiwick_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON bailiwick_seal FROM bailiwick_app;
GRANT USAGE ON SCHEMA public TO bailiwick_sealer;
GRANT SELECT ON bailiwick_event TO bailiwick_sealer;
GRANT SELECT, INSERT ON bailiwick_seal TO bailiwick_sealer;
ALTER TABLE bailiwick_seal ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_sealer ON bailiwick_seal FOR ALL TO bailiwick_sealer USING (true);
CREATE POLICY of_operator ON bailiwick_seal FOR SELECT TO bailiwick_operator, bailiwick_export_operator USING (true);
CREATE POLICY of_worker ON bailiwick_seal FOR SELECT TO bailiwick_worker USING (true);
CREATE POLICY of_sealer ON bailiwick_event FOR SELECT TO bailiwick_sealer USING (true);
"""
NO_WALL = """
DROP POLICY of_sealer ON bailiwick_event;
REVOKE ALL ON bailiwick_event, bailiwick_seal FROM bailiwick_sealer;
REVOKE USAGE ON SCHEMA public FROM bailiwick_sealer;
"""


def make_role(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """A member of nothing: it may do what is granted to itself, and the owner may step into it."""
    for statement in (runtime.create(ROLE), runtime.join(ROLE)):
        runtime.until_nobody_else_does(editor, statement)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0024_second_wall"),)
    operations = (
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("ids", bailiwick.models.event.Numbers()),
                ("awaited", bailiwick.models.event.Numbers()),
                ("removed", bailiwick.models.event.Numbers()),
                ("upto", models.BigIntegerField()),
                ("total", models.BigIntegerField()),
                ("leaves", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("key", models.CharField(max_length=16)),
                ("signature", models.BinaryField()),
            ],
        ),
        migrations.RunPython(make_role, migrations.RunPython.noop),
        migrations.RunSQL(WALL, NO_WALL),
    )
