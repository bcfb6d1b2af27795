"""Diagnostic bundles with their policies, and who is told of a request (docs/adr/0033, 0034)."""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.db.models.deletion
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")
# What an edge is asked for is a part of its heartbeat's answer, and so is whether captures are refused.
TOLD = """
CREATE TRIGGER bundle_told_made AFTER INSERT ON bailiwick_diagnosticbundle
  FOR EACH ROW EXECUTE FUNCTION bailiwick_told_one();
CREATE TRIGGER bundle_told_changed AFTER DELETE OR UPDATE OF state ON bailiwick_diagnosticbundle
  FOR EACH ROW WHEN (OLD.state = 'requested') EXECUTE FUNCTION bailiwick_told_one();
CREATE TRIGGER detail_told_update AFTER UPDATE OF pci_compliance ON bailiwick_customerdetail
  FOR EACH ROW WHEN (OLD.pci_compliance <> NEW.pci_compliance) EXECUTE FUNCTION bailiwick_told_one();
"""
TOLD_NO_MORE = """
DROP TRIGGER detail_told_update ON bailiwick_customerdetail;
DROP TRIGGER bundle_told_changed ON bailiwick_diagnosticbundle;
DROP TRIGGER bundle_told_made ON bailiwick_diagnosticbundle;
"""


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Each home sees its own."""
    editor.execute("ALTER TABLE bailiwick_diagnosticbundle ENABLE ROW LEVEL SECURITY", params=None)
    wall._allow(editor, "diagnosticbundle", "operator", "true", to=wall._both("operator"))
    wall._allow(editor, "diagnosticbundle", "worker", "true")
    for level, rule in zip(("partner", "customer"), wall.HOME, strict=True):
        wall._allow(editor, "diagnosticbundle", level, f"coalesce({rule}, false)", to=wall._both(level))


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0064_last_local_id"),)
    operations = (
        migrations.CreateModel(
            name="DiagnosticBundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(db_index=True)),
                ("logical_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("plain", "Diagnostic bundle"), ("capture", "Packet capture")], max_length=16
                    ),
                ),
                ("interface", models.CharField(blank=True, default="", help_text="of a capture", max_length=64)),
                ("seconds", models.IntegerField(default=0, help_text="of a capture")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("complete", "Complete"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                            ("refused", "Refused"),
                        ],
                        default="requested",
                        max_length=16,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", help_text="why there is none, as the device says it", max_length=255
                    ),
                ),
                ("size", models.BigIntegerField(default=0, help_text="bytes")),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("actor_name", models.CharField(max_length=255)),
                ("requested_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "edge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bundles", to="bailiwick.edge"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "requested")), fields=("edge",), name="bundle_one_open"
                    )
                ],
            },
        ),
        migrations.RunPython(build, migrations.RunPython.noop),
        migrations.RunSQL(TOLD, TOLD_NO_MORE),
    )
