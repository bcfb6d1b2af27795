"""An index over the customers in the bin alone: the purge finds what is due without reading the living."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0005_upload"),)
    operations = (
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["deleted_at", "id"],
                name="customer_in_bin",
            ),
        ),
    )
