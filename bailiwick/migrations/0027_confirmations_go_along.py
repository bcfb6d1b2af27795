"""Confirmations go with their customer, inside PostgreSQL (0009 says why): a key is there at its migration's end only."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

CASCADE = import_module("bailiwick.migrations.0018_factors_go_along").CASCADE.replace(
    "'bailiwick_factor'::regclass,", "'bailiwick_factor'::regclass, 'bailiwick_confirmation'::regclass,"
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0026_confirmation"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
