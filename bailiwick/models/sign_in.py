"""What a user proves besides the password, and who else may vouch for him."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bailiwick.models.people import Level, User


class OfUser(models.Model):
    """A row that belongs to one user; his home stands in it, so that one plain comparison bounds it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="%(class)ss")
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Factor(OfUser):
    """An authenticator app (its secret sealed) or a passkey (its public key)."""

    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=100)
    sealed = models.TextField(blank=True, default="", help_text="the app's secret, by bailiwick/seal.py")
    last_step = models.BigIntegerField(default=0, help_text="the newest step of the clock whose code was taken")
    credential_id = models.CharField(max_length=1400, blank=True, default="", db_collation="C")
    public_key = models.BinaryField(default=b"")
    sign_count = models.BigIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=Q(kind="app"), name="factor_one_app"),
            models.UniqueConstraint(
                fields=("credential_id",), condition=Q(kind="passkey"), name="factor_credential_unique"
            ),
            models.CheckConstraint(
                condition=(Q(kind="app", credential_id="") & ~Q(sealed=""))
                | (Q(kind="passkey", sealed="") & ~Q(credential_id="")),
                name="factor_is_one_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of user {self.user_id}"


class RecoveryCode(OfUser):
    """One of the codes for the day when the telephone is lost; only a keyed hash is kept."""

    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code of user {self.user_id}"


class IdentityProvider(models.Model):
    """Who signs in the users of one domain of the operator, a partner or a customer (OpenID Connect)."""

    level = models.CharField(max_length=16, choices=Level)
    partner = models.ForeignKey("Partner", models.CASCADE, null=True, related_name="identity_providers")
    customer = models.ForeignKey("Customer", models.CASCADE, null=True, related_name="identity_providers")
    domain = models.CharField(max_length=253, unique=True)
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=255)
    sealed = models.TextField(help_text="the client secret, by bailiwick/seal.py")
    authorization_endpoint = models.CharField(max_length=500)
    token_endpoint = models.CharField(max_length=500)
    jwks_uri = models.CharField(max_length=500)
    creates_users = models.BooleanField(default=False)
    default_role = models.CharField(max_length=32, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(level="operator", partner=None, customer=None)
                | Q(level="partner", partner__isnull=False, customer=None)
                | Q(level="customer", customer__isnull=False),
                name="provider_has_one_home",
            ),
        )

    def __str__(self) -> str:
        return self.domain


class Identity(OfUser):
    """The name under which a provider knows a user: fixed at his first sign-in, whatever his address becomes."""

    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=255, db_collation="C")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("provider", "subject"), name="identity_subject_unique"),
            models.UniqueConstraint(fields=("provider", "user"), name="identity_user_unique"),
        )

    def __str__(self) -> str:
        return f"identity of user {self.user_id}"
