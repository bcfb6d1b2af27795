"""An edge's part in roll-outs goes with the edge and with the roll-out, inside PostgreSQL (0009 says why)."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

CASCADE = import_module("bailiwick.migrations.0018_factors_go_along").CASCADE.replace(
    "'bailiwick_factor'::regclass,", "'bailiwick_rolloutedge'::regclass, 'bailiwick_factor'::regclass,"
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0058_rollouts"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
