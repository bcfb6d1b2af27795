"""Custom roles, tokens that only read, and the browsers of users: signed in, and known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bailiwick", "0013_offers_go_along"),
    ]

    operations = [
        migrations.AddField(
            model_name="token",
            name="read_only",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="Browser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("epoch", models.IntegerField()),
                ("agent", models.CharField(blank=True, default="", max_length=255)),
                ("address", models.CharField(blank=True, default="", max_length=64)),
                ("began_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="browsers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("secret_hash", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("password", models.CharField(max_length=128)),
                ("replaced_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("operator", "Operator"), ("partner", "Partner"), ("customer", "Customer")],
                        max_length=16,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("name_key", models.CharField(db_collation="C", max_length=1024)),
                ("base", models.CharField(max_length=32)),
                ("permissions", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="bailiwick.customer",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="bailiwick.partner",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="custom_role",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="users",
                to="bailiwick.role",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("custom_role__isnull", False), ("role", "custom")),
                    models.Q(models.Q(("role", "custom"), _negated=True), ("custom_role", None)),
                    _connector="OR",
                ),
                name="user_has_one_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(fields=("user", "secret_hash"), name="device_unique"),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.UniqueConstraint(
                fields=("level", "partner", "customer", "name_key"), name="role_name_unique", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer", None), ("level", "operator"), ("partner", None)),
                    models.Q(("customer", None), ("level", "partner"), ("partner__isnull", False)),
                    models.Q(("customer__isnull", False), ("level", "customer")),
                    _connector="OR",
                ),
                name="role_has_one_home",
            ),
        ),
    ]
