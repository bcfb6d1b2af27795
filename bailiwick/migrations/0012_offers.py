"""Offers of customers to partners, where the installation asks partners first."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bailiwick", "0011_partners"),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_access", models.BooleanField()),
                ("operator_access", models.BooleanField(help_text="none: as it is then", null=True)),
                ("missing_pool", models.CharField(max_length=8)),
                ("add_profiles", models.BooleanField()),
                ("from_partner", models.BooleanField()),
                ("offered_by", models.CharField(max_length=254)),
                ("job_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("deadline", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="offered",
                        max_length=16,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, default="", max_length=254)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfer_offers",
                        to="bailiwick.customer",
                    ),
                ),
                (
                    "gateway_pool",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bailiwick.gatewaypool",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfer_offers",
                        to="bailiwick.partner",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["partner", "state", "id"], name="offer_by_partner"),
                    models.Index(fields=["customer", "id"], name="offer_by_customer"),
                    models.Index(condition=models.Q(("state", "offered")), fields=["deadline"], name="offer_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "offered")), fields=("customer",), name="offer_one_open"
                    )
                ],
            },
        ),
    ]
