"""What a refusal names of a customer's own stands apart from its reason: it is told only while the customer is open."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0039_software_images"),)
    operations = (
        migrations.AddField(
            "jobrefusal",
            "named",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="the reason with names of the customer's own",
                max_length=500,
            ),
        ),
    )
