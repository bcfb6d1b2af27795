"""The configuration of customers (docs/adr/0027)."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


def of_customer(related_name: str) -> models.ForeignKey:  # type: ignore[type-arg]
    """Whose it is."""
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to="bailiwick.customer"
    )


def key(*columns: str) -> models.CompositePrimaryKey:
    """What tells rows apart."""
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0040_named_refusals"),)
    operations = (
        migrations.CreateModel(
            name="ConfigurationVersion",
            fields=[
                ("pk", key("customer_id", "local_id", "version")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("local_id", models.IntegerField()),
                ("version", models.IntegerField()),
                ("name", models.CharField(max_length=255)),
                ("at", models.DateTimeField()),
                ("actor_name", models.CharField(max_length=255)),
                ("body", models.JSONField()),
                ("customer", of_customer("+")),
            ],
        ),
        migrations.CreateModel(
            name="ConfigurationObject",
            fields=[
                ("pk", key("customer_id", "local_id")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("local_id", models.IntegerField()),
                ("kind", models.CharField(max_length=32)),
                ("parent_id", models.IntegerField(help_text="the profile that it is a part of", null=True)),
                ("name", models.CharField(max_length=255)),
                ("name_key", models.CharField(db_collation="C", max_length=1024)),
                (
                    "position",
                    models.IntegerField(
                        db_default=0, default=0, help_text="of rules: the first that matches is followed"
                    ),
                ),
                (
                    "blocker",
                    models.CharField(
                        blank=True, db_default="", default="", help_text="why it is no template", max_length=32
                    ),
                ),
                ("version", models.IntegerField(db_default=1, default=1)),
                ("updated_at", models.DateTimeField()),
                ("body", models.JSONField()),
                ("customer", of_customer("configuration")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=~models.Q(blocker=""), fields=["customer", "blocker"], name="configuration_blockers"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "parent_id", "kind", "name_key"),
                        name="configuration_name_unique",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConfigurationReference",
            fields=[
                ("pk", key("customer_id", "from_id", "to_id")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("from_id", models.IntegerField()),
                ("to_id", models.IntegerField()),
                ("customer", of_customer("+")),
            ],
            options={"indexes": [models.Index(fields=["customer", "to_id"], name="configuration_referred")]},
        ),
    )
