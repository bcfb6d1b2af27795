"""A bundle goes with its edge, inside PostgreSQL (0009 says why); its file is swept away."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

CASCADE = import_module("bailiwick.migrations.0018_factors_go_along").CASCADE.replace(
    "'bailiwick_factor'::regclass,", "'bailiwick_diagnosticbundle'::regclass, 'bailiwick_factor'::regclass,"
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0065_diagnostic_bundles"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
