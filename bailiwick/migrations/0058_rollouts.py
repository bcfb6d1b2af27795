"""Roll-outs: an image on its way to the edges of an operator profile, in waves (docs/adr/0032), with their policies."""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """The roll-out is the operator's; of its edges each home sees its own."""
    for table in ("rollout", "rolloutedge"):
        editor.execute(f"ALTER TABLE bailiwick_{table} ENABLE ROW LEVEL SECURITY", params=None)
        wall._allow(editor, table, "operator", "true", to=wall._both("operator"))
        wall._allow(editor, table, "worker", "true")
    for level, rule in zip(("partner", "customer"), wall.HOME, strict=True):
        wall._allow(editor, "rolloutedge", level, f"coalesce({rule}, false)", to=wall._both(level))


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0057_image_files"),)
    operations = (
        migrations.AddField(
            model_name="edge",
            name="ordered_image",
            field=models.ForeignKey(
                help_text="by an open roll-out of its profile",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="bailiwick.softwareimage",
            ),
        ),
        migrations.AddField(
            model_name="edge",
            name="timezone",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="none: its customer's", max_length=64
            ),
        ),
        migrations.CreateModel(
            name="Rollout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("logical_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "image_name",
                    models.CharField(help_text="what it is called, also when the image is gone", max_length=320),
                ),
                ("canary", models.IntegerField(help_text="edges of the first wave")),
                (
                    "percents",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        help_text="of all edges, how many have it after each later wave",
                        size=None,
                    ),
                ),
                ("pause_minutes", models.IntegerField(help_text="between two waves")),
                ("most_failures", models.IntegerField(help_text="more edges that fail halt it")),
                ("patience_minutes", models.IntegerField(help_text="an edge that is not back by then has failed")),
                ("window_from", models.TimeField(help_text="local time of each edge; none: at any time", null=True)),
                ("window_until", models.TimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("halted", "Halted"),
                            ("done", "Done"),
                            ("taken_back", "Taken back"),
                        ],
                        default="running",
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", help_text="why it was halted", max_length=32)),
                (
                    "judged_since",
                    models.DateTimeField(help_text="failures before it were accepted by who let it go on"),
                ),
                ("wave", models.IntegerField(default=0, help_text="the last one that began")),
                ("wave_over_at", models.DateTimeField(null=True)),
                ("actor_name", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "image",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rollouts",
                        to="bailiwick.softwareimage",
                    ),
                ),
                (
                    "operator_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rollouts",
                        to="bailiwick.operatorprofile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RolloutEdge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(db_index=True)),
                ("wave", models.IntegerField()),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("ordered", "Ordered"),
                            ("away", "Offline"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("skipped", "Left out"),
                        ],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                (
                    "before",
                    models.CharField(blank=True, default="", help_text="the software that it had", max_length=64),
                ),
                ("ordered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", help_text="a code of fleet/rollout/words.py", max_length=32
                    ),
                ),
                (
                    "edge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rollouts", to="bailiwick.edge"
                    ),
                ),
                (
                    "rollout",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="edges",
                        to="bailiwick.rollout",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="rollout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("running", "paused", "halted"))),
                fields=("operator_profile",),
                name="rollout_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolloutedge",
            constraint=models.UniqueConstraint(fields=("rollout", "edge"), name="rollout_edge_once"),
        ),
        migrations.RunPython(build, migrations.RunPython.noop),
    )
