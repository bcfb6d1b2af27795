"""Second factors, recovery codes, identity providers and who they vouch for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bailiwick", "0015_veil"),
    ]

    operations = [
        migrations.AddField(
            model_name="partner",
            name="two_factor_required",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="is_native",
            field=models.BooleanField(default=True, help_text="no: an identity provider signs the user in"),
        ),
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("operator", "Operator"), ("partner", "Partner"), ("customer", "Customer")],
                        max_length=16,
                    ),
                ),
                ("domain", models.CharField(max_length=253, unique=True)),
                ("issuer", models.CharField(max_length=500)),
                ("client_id", models.CharField(max_length=255)),
                ("sealed", models.TextField(help_text="the client secret, by bailiwick/seal.py")),
                ("authorization_endpoint", models.CharField(max_length=500)),
                ("token_endpoint", models.CharField(max_length=500)),
                ("jwks_uri", models.CharField(max_length=500)),
                ("creates_users", models.BooleanField(default=False)),
                ("default_role", models.CharField(blank=True, default="", max_length=32)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_providers",
                        to="bailiwick.customer",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_providers",
                        to="bailiwick.partner",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("subject", models.CharField(db_collation="C", max_length=255)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to="bailiwick.identityprovider",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Factor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=100)),
                (
                    "sealed",
                    models.TextField(blank=True, default="", help_text="the app's secret, by bailiwick/seal.py"),
                ),
                (
                    "last_step",
                    models.BigIntegerField(default=0, help_text="the newest step of the clock whose code was taken"),
                ),
                ("credential_id", models.CharField(blank=True, db_collation="C", default="", max_length=1400)),
                ("public_key", models.BinaryField(default=b"")),
                ("sign_count", models.BigIntegerField(default=0)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "app")), fields=("user",), name="factor_one_app"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "passkey")),
                        fields=("credential_id",),
                        name="factor_credential_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("credential_id", ""), ("kind", "app"), models.Q(("sealed", ""), _negated=True)),
                            models.Q(
                                ("kind", "passkey"), ("sealed", ""), models.Q(("credential_id", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="factor_is_one_kind",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer", None), ("level", "operator"), ("partner", None)),
                    models.Q(("customer", None), ("level", "partner"), ("partner__isnull", False)),
                    models.Q(("customer__isnull", False), ("level", "customer")),
                    _connector="OR",
                ),
                name="provider_has_one_home",
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(fields=("provider", "subject"), name="identity_subject_unique"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(fields=("provider", "user"), name="identity_user_unique"),
        ),
    ]
