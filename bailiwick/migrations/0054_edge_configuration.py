"""An edge's own settings, and which configuration its device says that it runs (docs/adr/0031)."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

PARENT = "the profile that it is a part of, or that its edge has"


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0053_devices_go_along"),)
    operations = (
        migrations.AlterField("configurationobject", "parent_id", models.IntegerField(help_text=PARENT, null=True)),
        migrations.AddField(
            "configurationobject",
            "edge",
            models.ForeignKey(
                db_index=False,
                help_text="whose settings",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="configuration",
                to="bailiwick.edge",
            ),
        ),
        migrations.AddField(
            "configurationobject",
            "reach",
            models.IntegerField(db_default=0, default=0, help_text="how often something changed that it leads to"),
        ),
        migrations.AddConstraint(
            "configurationobject",
            models.UniqueConstraint(fields=("edge",), name="configuration_edge_unique"),
        ),
        migrations.AddField(
            "devicecontact",
            "configuration_version",
            models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            "devicecontact",
            "configured_at",
            models.DateTimeField(help_text="when it began to say that version", null=True),
        ),
    )
