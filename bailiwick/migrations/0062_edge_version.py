"""Edges have a version: whoever saves an old page of one is told (R-05)."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0061_lost_answers"),)
    operations = (
        migrations.AddField(
            "edge", "version", models.IntegerField(db_default=1, default=1, help_text="of what people say of it")
        ),
    )
