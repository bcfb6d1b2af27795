"""Keys, certificates and heartbeats go with their edge, inside PostgreSQL (0009 says why)."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

CASCADE = import_module("bailiwick.migrations.0018_factors_go_along").CASCADE.replace(
    "'bailiwick_factor'::regclass,",
    "'bailiwick_activationkey'::regclass, 'bailiwick_devicecertificate'::regclass, 'bailiwick_devicecontact'::regclass,"
    " 'bailiwick_factor'::regclass,",
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0052_devices"),)
    operations = (migrations.RunSQL(CASCADE, migrations.RunSQL.noop),)
