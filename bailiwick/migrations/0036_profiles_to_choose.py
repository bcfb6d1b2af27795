"""Operator profiles that a customer may choose besides its default, with their policies (docs/adr/0020)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.db.models.deletion
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Each home sees its own."""
    editor.execute("ALTER TABLE bailiwick_customerprofile ENABLE ROW LEVEL SECURITY", params=None)
    wall._allow(editor, "customerprofile", "operator", "true", to=wall._both("operator"))
    wall._allow(editor, "customerprofile", "worker", "true")
    for level, rule in zip(("partner", "customer"), wall.HOME, strict=True):
        wall._allow(editor, "customerprofile", level, f"coalesce({rule}, false)", to=wall._both(level))


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0035_halves"),)
    operations = (
        migrations.AddField(
            model_name="edge",
            name="operator_profile",
            field=models.ForeignKey(
                help_text="its own; none: its customer's",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edges",
                to="bailiwick.operatorprofile",
            ),
        ),
        migrations.AddField(
            model_name="operatorprofile",
            name="kind",
            field=models.CharField(
                choices=[("SEGMENT_BASED", "Segment based"), ("NETWORK_BASED", "Network based")],
                db_default="SEGMENT_BASED",
                default="SEGMENT_BASED",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="edge_image_management",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="CustomerProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profiles",
                        to="bailiwick.customer",
                    ),
                ),
                (
                    "operator_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers_besides",
                        to="bailiwick.operatorprofile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "operator_profile"), name="customer_profile_unique")
                ],
            },
        ),
        migrations.RunPython(build, migrations.RunPython.noop),
    )
