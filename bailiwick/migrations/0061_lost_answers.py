"""The answer to an activation, kept for a short while for the device that may have missed it (docs/adr/0029)."""

from __future__ import annotations

from django.db import migrations, models

ANSWERED = models.Index(
    condition=models.Q(("answer", ""), _negated=True), fields=["used_at"], name="activation_key_answered"
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0060_customers_events"),)
    operations = (
        migrations.AddField(
            "activationkey",
            "used_by",
            models.CharField(blank=True, db_default="", default="", help_text="hash of the device", max_length=64),
        ),
        migrations.AddField(
            "activationkey",
            "answer",
            models.TextField(blank=True, db_default="", default="", help_text="what it may ask for once more"),
        ),
        migrations.AddIndex("activationkey", ANSWERED),
    )
