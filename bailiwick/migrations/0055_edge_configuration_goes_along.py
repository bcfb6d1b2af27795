"""An edge's own settings go with the edge, inside PostgreSQL (0009 says why)."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

CASCADE = import_module("bailiwick.migrations.0018_factors_go_along").CASCADE.replace(
    "AND conrelid IN ('bailiwick_factor'::regclass,",
    "AND confrelid = 'bailiwick_edge'::regclass AND conrelid IN ('bailiwick_configurationobject'::regclass,"
    " 'bailiwick_factor'::regclass,",
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0054_edge_configuration"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
