"""Files that users gave, kept between the steps of an import."""

from __future__ import annotations

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0004_runtime_role"),)

    operations = (
        migrations.CreateModel(
            name="Upload",
            fields=(
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("logical_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("content", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ),
            options={
                "indexes": [models.Index(fields=["expires_at"], name="upload_by_expiry")],
                "constraints": [models.UniqueConstraint(fields=("user_id", "digest"), name="upload_unique")],
            },
        ),
    )
