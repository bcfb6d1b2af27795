"""Software images get files, which edges fetch by their hash."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0056_edge_licences"),)
    operations = (
        migrations.AddField(
            "softwareimage",
            "sha256",
            models.CharField(blank=True, db_default="", default="", help_text="none: without a file", max_length=64),
        ),
        migrations.AddField(
            "softwareimage", "size", models.BigIntegerField(db_default=0, default=0, help_text="bytes")
        ),
    )
