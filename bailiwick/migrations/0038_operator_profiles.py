"""Operator profiles get what their page asks for (domain 10.1), and a version."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0037_profiles_go_along"),)
    operations = (
        migrations.AddField("operatorprofile", "description", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField(
            "operatorprofile",
            "orchestrator_address",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="name or IP in activation links; none: ours",
                max_length=253,
            ),
        ),
        migrations.AddField("operatorprofile", "heartbeat_seconds", models.IntegerField(db_default=30, default=30)),
        migrations.AddField("operatorprofile", "version", models.IntegerField(db_default=1, default=1)),
        migrations.AddConstraint(
            "operatorprofile",
            models.CheckConstraint(condition=models.Q(("heartbeat_seconds__gte", 10)), name="profile_heartbeat"),
        ),
    )
