"""What partners may give to their customers; those that there are keep what their customers use."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# A partner without customers may give the installation's default pool; profiles it is given by the operator.
GRANT_WHAT_IS_USED = """
INSERT INTO bailiwick_partnerpool (partner_id, gateway_pool_id, is_default)
SELECT partner_id, gateway_pool_id, false FROM bailiwick_customer WHERE partner_id IS NOT NULL
UNION SELECT p.id, g.id, false FROM bailiwick_partner p, bailiwick_gatewaypool g WHERE g.is_default;
INSERT INTO bailiwick_partnerprofile (partner_id, operator_profile_id, is_default)
SELECT DISTINCT partner_id, operator_profile_id, false FROM bailiwick_customer WHERE partner_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bailiwick", "0009_cascades"),
    ]

    operations = [
        migrations.AddField(
            model_name="gatewaypool",
            name="partner",
            field=models.ForeignKey(
                blank=True,
                help_text="whose own; none: ours",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_pools",
                to="bailiwick.partner",
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="operate_gateways",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="partner",
            name="operator_access",
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name="PartnerPool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_default", models.BooleanField(default=False)),
                (
                    "gateway_pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partner_grants",
                        to="bailiwick.gatewaypool",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pool_grants",
                        to="bailiwick.partner",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "gateway_pool"), name="partner_pool_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("partner",), name="partner_pool_one_default"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_default", models.BooleanField(default=False)),
                (
                    "operator_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partner_grants",
                        to="bailiwick.operatorprofile",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile_grants",
                        to="bailiwick.partner",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "operator_profile"), name="partner_profile_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("partner",),
                        name="partner_profile_one_default",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GRANT_WHAT_IS_USED, migrations.RunSQL.noop),
    ]
