"""Gateways that live: what is said of them, what they report, their keys and certificates, with their policies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bailiwick.models.network

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")
# What was quiesced before says so since now: its edges stay where they are.
BEFORE = """
ALTER TABLE bailiwick_gateway ALTER COLUMN roles SET DEFAULT '{DATA_PLANE,CONTROL_PLANE}';
UPDATE bailiwick_gateway SET state = 'PENDING_SERVICE' WHERE state = 'PENDING';
UPDATE bailiwick_gateway SET quiesced_at = now() WHERE state = 'QUIESCED';
"""
BEFORE_NO_MORE = """
UPDATE bailiwick_gateway SET state = 'PENDING' WHERE state = 'PENDING_SERVICE';
"""
# They see past the wall, as their owner does, and tell whose gateway the hash of a key or of a certificate names.
WHOSE = """
CREATE FUNCTION bailiwick_gateway_arrival(what text, hashes text[])
RETURNS TABLE (id bigint, gateway_id bigint, partner_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF what = 'key' THEN
    RETURN QUERY SELECT k.id, k.gateway_id, k.partner_id FROM bailiwick_gatewaykey k WHERE k.key_hash = ANY(hashes);
  ELSE
    RETURN QUERY SELECT d.id, d.gateway_id, d.partner_id FROM bailiwick_gatewaycertificate d
    WHERE d.fingerprint = ANY(hashes);
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION bailiwick_gateway_arrival(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bailiwick_gateway_arrival(text, text[]) TO bailiwick_app;
"""
WHOSE_NO_MORE = "DROP FUNCTION bailiwick_gateway_arrival(text, text[])"
# Written at each heartbeat of a gateway: none of these columns is indexed.
STORAGE = "ALTER TABLE bailiwick_gateway SET (fillfactor = 50)"
# What an edge is told hangs on more columns now (0063).
EDGES_TOLD = """
DROP TRIGGER gateway_told_delete ON bailiwick_gateway;
CREATE TRIGGER gateway_told_delete AFTER DELETE OR UPDATE OF logical_id, name, address, state, roles, activation_state,
  quiesced_at, replacement_id, deadline ON bailiwick_gateway FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_told_all();
CREATE TRIGGER gatewaypool_told_update AFTER UPDATE OF hand_off ON bailiwick_gatewaypool
  FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_told_all();
"""
EDGES_TOLD_NO_MORE = """
DROP TRIGGER gatewaypool_told_update ON bailiwick_gatewaypool;
DROP TRIGGER gateway_told_delete ON bailiwick_gateway;
CREATE TRIGGER gateway_told_delete AFTER DELETE OR UPDATE OF logical_id, name, address, state ON bailiwick_gateway
  FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_told_all();
"""


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Gateways as their pools: the operator's are everybody's; of keys and certificates a partner sees its own."""
    own = f"coalesce(partner_id = {wall.PARTNER}, false)"
    for table in ("gateway", "gatewaykey", "gatewaycertificate"):
        editor.execute(f"ALTER TABLE bailiwick_{table} ENABLE ROW LEVEL SECURITY", params=None)
        wall._allow(editor, table, "operator", "true", to=wall._both("operator"))
        wall._allow(editor, table, "worker", "true")
        rule = f"coalesce({wall.STOCK}, false)" if table == "gateway" else own
        wall._allow(editor, table, "partner", rule, to=wall._both("partner"))
    wall._allow(editor, "gateway", "customer", f"coalesce({wall.STOCK}, false)", to=wall._both("customer"))


def tear_down(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for who in ("operator", "worker", "partner", "customer"):
        editor.execute(f"DROP POLICY of_{who} ON bailiwick_gateway", params=None)
    editor.execute("ALTER TABLE bailiwick_gateway DISABLE ROW LEVEL SECURITY", params=None)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0066_bundles_go_along"),)
    operations = (
        migrations.CreateModel(
            name="GatewayCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
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
            ],
        ),
        migrations.CreateModel(
            name="GatewayKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="gateway",
            name="activated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="activation_state",
            field=models.CharField(
                choices=[
                    ("UNASSIGNED", "Unassigned"),
                    ("PENDING", "Pending"),
                    ("ACTIVATED", "Activated"),
                    ("REACTIVATION_PENDING", "Reactivation Pending"),
                ],
                db_default="UNASSIGNED",
                default="UNASSIGNED",
                help_text="unassigned: known by its address only, and not expected to report",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="authentication",
            field=models.CharField(
                choices=[
                    ("CERTIFICATE_DISABLED", "Deactivated"),
                    ("CERTIFICATE_OPTIONAL", "Acquire"),
                    ("CERTIFICATE_REQUIRED", "Required"),
                ],
                db_default="CERTIFICATE_OPTIONAL",
                default="CERTIFICATE_OPTIONAL",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="beat",
            field=models.UUIDField(help_text="the same again was sent twice", null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="condition",
            field=models.CharField(
                choices=[
                    ("NEVER_ACTIVATED", "Never Activated"),
                    ("CONNECTED", "Connected"),
                    ("DEGRADED", "Degraded"),
                    ("OFFLINE", "Offline"),
                    ("DISABLED", "Disabled"),
                ],
                db_default="NEVER_ACTIVATED",
                default="NEVER_ACTIVATED",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="connected_edges",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="gateway",
            name="contact_email",
            field=models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
        migrations.AddField(
            model_name="gateway",
            name="contact_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.AddField(
            model_name="gateway",
            name="cpu",
            field=models.IntegerField(db_default=0, default=0, help_text="percent"),
        ),
        migrations.AddField(
            model_name="gateway",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="gateway",
            name="deadline",
            field=models.DateTimeField(help_text="until then its edges may stay", null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="dns_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=253),
        ),
        migrations.AddField(
            model_name="gateway",
            name="ipv6_address",
            field=models.GenericIPAddressField(null=True, protocol="IPv6"),
        ),
        migrations.AddField(
            model_name="gateway",
            name="is_degraded",
            field=models.BooleanField(db_default=False, default=False, help_text="a service of it does not work"),
        ),
        migrations.AddField(
            model_name="gateway",
            name="is_load_balanced",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="gateway",
            name="last_contact_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="letters_after",
            field=models.BigIntegerField(help_text="users up to this id were written to; none: all were", null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="memory",
            field=models.IntegerField(db_default=0, default=0, help_text="percent"),
        ),
        migrations.AddField(
            model_name="gateway",
            name="partner",
            field=models.ForeignKey(
                help_text="whose own; none: ours",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_gateways",
                to="bailiwick.partner",
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="private_address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="quiesced_at",
            field=models.DateTimeField(help_text="edges activated later are not sent here", null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="replacement",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaces", to="bailiwick.gateway"
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("DATA_PLANE", "Data plane"),
                        ("CONTROL_PLANE", "Control plane"),
                        ("VPN_TUNNEL", "Secure VPN"),
                        ("ON_PREMISE", "Partner gateway"),
                        ("CDE", "Cardholder data"),
                        ("CWS", "Cloud web security"),
                        ("CCI", "Cloud-to-cloud interconnect"),
                    ],
                    max_length=16,
                ),
                default=bailiwick.models.network.usual_roles,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="run",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="gateway",
            name="sequence",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="gateway",
            name="software_version",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="gateway",
            name="street",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.AddField(
            model_name="gateway",
            name="struck_at",
            field=models.DateTimeField(help_text="when one came that no single device sends", null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="utilization",
            field=models.IntegerField(db_default=0, default=0, help_text="percent, of all that limits it"),
        ),
        migrations.AddField(
            model_name="gateway",
            name="version",
            field=models.IntegerField(db_default=1, default=1, help_text="of what people say of it"),
        ),
        migrations.AddField(
            model_name="gatewaypool",
            name="description",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="gatewaypool",
            name="hand_off",
            field=models.CharField(
                choices=[("NONE", "Not allowed"), ("ALLOW", "Allowed"), ("ONLY", "Exclusively")],
                db_default="NONE",
                default="NONE",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="gatewaypool",
            name="has_ipv4",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="gatewaypool",
            name="has_ipv6",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="gatewaypool",
            name="version",
            field=models.IntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="gateway",
            name="state",
            field=models.CharField(
                choices=[
                    ("IN_SERVICE", "In service"),
                    ("PENDING_SERVICE", "Pending service"),
                    ("OUT_OF_SERVICE", "Out of service"),
                    ("QUIESCED", "Quiesced"),
                ],
                default="IN_SERVICE",
                max_length=32,
            ),
        ),
        migrations.RunSQL(BEFORE, BEFORE_NO_MORE),
        migrations.AddField(
            model_name="gatewaycertificate",
            name="gateway",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="certificates", to="bailiwick.gateway"
            ),
        ),
        migrations.AddField(
            model_name="gatewaykey",
            name="gateway",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="activation_keys", to="bailiwick.gateway"
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaykey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("used_at", None)),
                fields=("gateway",),
                name="gateway_key_one_open",
            ),
        ),
        migrations.RunSQL(WHOSE, WHOSE_NO_MORE),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(EDGES_TOLD, EDGES_TOLD_NO_MORE),
        migrations.RunPython(build, tear_down),
    )
