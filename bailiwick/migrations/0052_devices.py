"""Devices: activation keys, certificates and last heartbeats, with their policies (docs/adr/0020, 0029)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")
TABLES = ("activationkey", "devicecertificate", "devicecontact")
# They see past the wall, as their owner does, and tell whose edge the hash of a key or of a certificate names.
WHOSE = """
CREATE FUNCTION bailiwick_device_arrival(what text, hashes text[])
RETURNS TABLE (id bigint, edge_id bigint, customer_id bigint, partner_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF what = 'key' THEN
    RETURN QUERY SELECT k.id, k.edge_id, c.id, c.partner_id FROM bailiwick_activationkey k
    JOIN bailiwick_customer c ON c.id = k.customer_id AND c.deleted_at IS NULL WHERE k.key_hash = ANY(hashes);
  ELSE
    RETURN QUERY SELECT d.id, d.edge_id, c.id, c.partner_id FROM bailiwick_devicecertificate d
    JOIN bailiwick_customer c ON c.id = d.customer_id AND c.deleted_at IS NULL WHERE d.fingerprint = ANY(hashes);
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION bailiwick_device_arrival(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bailiwick_device_arrival(text, text[]) TO bailiwick_app;
"""
WHOSE_NO_MORE = "DROP FUNCTION bailiwick_device_arrival(text, text[])"
# Written at each heartbeat: pages half empty, so that no index is touched (performance.md section 9).
STORAGE = "ALTER TABLE bailiwick_devicecontact SET (fillfactor = 50)"


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Each home sees its own."""
    for table in TABLES:
        editor.execute(f"ALTER TABLE bailiwick_{table} ENABLE ROW LEVEL SECURITY", params=None)
        wall._allow(editor, table, "operator", "true", to=wall._both("operator"))
        wall._allow(editor, table, "worker", "true")
        for level, rule in zip(("partner", "customer"), wall.HOME, strict=True):
            wall._allow(editor, table, level, f"coalesce({rule}, false)", to=wall._both(level))


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0051_licences_go_along"),)
    operations = (
        migrations.CreateModel(
            name="DeviceContact",
            fields=[
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(db_index=True)),
                (
                    "edge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contact",
                        serialize=False,
                        to="bailiwick.edge",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("seconds", models.IntegerField(help_text="until the next one, as the device was told")),
                ("is_degraded", models.BooleanField(default=False)),
                ("run", models.BigIntegerField(default=0)),
                ("sequence", models.BigIntegerField(default=0)),
                (
                    "recent",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        default=list,
                        help_text="one of them again was sent twice, or came late",
                        size=None,
                    ),
                ),
                ("struck_at", models.DateTimeField(help_text="when one came that no single device sends", null=True)),
                ("software_version", models.CharField(blank=True, default="", max_length=64)),
                ("links", models.JSONField(default=list)),
                ("address", models.CharField(blank=True, default="", max_length=64)),
                ("clock_skew", models.IntegerField(default=0, help_text="seconds that the device's clock is ahead")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeviceCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(db_index=True)),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("issued_at", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "revoked_for",
                    models.CharField(
                        blank=True,
                        choices=[("replaced", "Replaced"), ("deactivated", "Deactivated"), ("cloned", "Cloned")],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "edge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="certificates", to="bailiwick.edge"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ActivationKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(db_index=True)),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                (
                    "serial_number",
                    models.CharField(blank=True, default="", help_text="none: any device", max_length=64),
                ),
                (
                    "model",
                    models.CharField(
                        blank=True, default="", help_text="of a device that replaces another", max_length=64
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "edge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="activation_keys", to="bailiwick.edge"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at", None), ("used_at", None)),
                        fields=("edge",),
                        name="activation_key_one_open",
                    )
                ],
            },
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(WHOSE, WHOSE_NO_MORE),
        migrations.RunPython(build, migrations.RunPython.noop),
    )
