"""An id of a customer's configuration is given once, also when what had it is gone."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0063_told_anew"),)
    operations = (
        migrations.AddField(
            "customerdetail",
            "last_local_id",
            models.IntegerField(db_default=0, default=0, help_text="given to an object of its configuration"),
        ),
    )
