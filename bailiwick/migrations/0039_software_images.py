"""Software images get their build and family, and are told apart by what people read (domain 10.2)."""

from __future__ import annotations

from django.db import migrations, models

# Two that read alike, from before: the later one is told apart by its number.
APART = """
UPDATE bailiwick_softwareimage i SET build_number = i.id::text
WHERE EXISTS (SELECT FROM bailiwick_softwareimage o WHERE o.name = i.name AND o.version = i.version AND o.id < i.id)
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0038_operator_profiles"),)
    operations = (
        migrations.AddField(
            "softwareimage", "build_number", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
        migrations.AddField(
            "softwareimage",
            "device_family",
            models.CharField(blank=True, db_default="", default="", help_text="none: all", max_length=64),
        ),
        migrations.RunSQL(APART, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "softwareimage",
            models.UniqueConstraint(fields=("name", "version", "build_number"), name="software_image_unique"),
        ),
    )
