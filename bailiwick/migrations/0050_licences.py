"""Edge licences (domain 14.4), with their policies (docs/adr/0020)."""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.db.models.deletion
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Each home sees its own; which types there are is known to all."""
    for table in ("customerlicence", "partnerlicence"):
        editor.execute(f"ALTER TABLE bailiwick_{table} ENABLE ROW LEVEL SECURITY", params=None)
        wall._allow(editor, table, "operator", "true", to=wall._both("operator"))
        wall._allow(editor, table, "worker", "true")
        wall._allow(editor, table, "partner", f"coalesce({wall.HOME[0]}, false)", to=wall._both("partner"))
    wall._allow(editor, "customerlicence", "customer", f"coalesce({wall.HOME[1]}, false)", to=wall._both("customer"))


class Migration(migrations.Migration):
    dependencies = [
        ("bailiwick", "0049_configuration_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="LicenceType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("logical_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=255)),
                ("name_key", models.CharField(db_collation="C", max_length=1024, unique=True)),
                ("bandwidth_mbps", models.IntegerField(help_text="Mbit/s")),
                (
                    "edition",
                    models.CharField(
                        choices=[
                            ("STANDARD", "Standard"),
                            ("ENTERPRISE", "Enterprise"),
                            ("PREMIUM", "Premium"),
                            ("POC", "POC"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        choices=[
                            ("NORTH_AMERICA", "North America"),
                            ("EMEA", "Europe, Middle East and Africa"),
                            ("LATIN_AMERICA", "Latin America"),
                            ("ASIA_PACIFIC", "Asia Pacific"),
                            ("ALL", "All regions"),
                        ],
                        max_length=16,
                    ),
                ),
                ("term_months", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bandwidth_mbps", "edition", "region", "term_months"), name="licence_type_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bandwidth_mbps__gte", 1), ("term_months__gte", 1)), name="licence_sizes"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerLicence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="licences",
                        to="bailiwick.customer",
                    ),
                ),
                (
                    "licence_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="bailiwick.licencetype",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "licence_type"), name="customer_licence_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerLicence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "licence_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partner_grants",
                        to="bailiwick.licencetype",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="licence_grants",
                        to="bailiwick.partner",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "licence_type"), name="partner_licence_unique")
                ],
            },
        ),
        migrations.RunPython(build, migrations.RunPython.noop),
    ]
