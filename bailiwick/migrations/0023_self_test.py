"""The runs of the tenancy self-test."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = (("bailiwick", "0022_borders"),)
    operations = (
        migrations.CreateModel(
            name="SelfTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_name", models.CharField(max_length=254)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("starts", models.IntegerField(default=0, help_text="more than one: a worker ended in the middle")),
                ("steps", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("questions", models.IntegerField(default=0)),
                ("comparisons", models.IntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
                ("error", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=models.Q(("finished_at", None)), name="self_test_one_at_a_time"
                    )
                ],
            },
        ),
    )
