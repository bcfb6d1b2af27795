"""Which customers give their partner no access: few, looked up for each list of a partner."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bailiwick", "0010_partnership"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("partner__isnull", False), ("partner_access", False)),
                fields=["partner", "id"],
                name="customer_closed_to_partner",
            ),
        ),
    ]
