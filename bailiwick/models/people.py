"""Users, their tokens, their one-time links and what they saved for themselves."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q


class Level(models.TextChoices):
    """Which portal a user belongs to (domain 16.1)."""

    OPERATOR = "operator"
    PARTNER = "partner"
    CUSTOMER = "customer"


class Role(models.Model):
    """A custom role of one home: a role of ours, `base`, with other permissions (domain 16.1)."""

    level = models.CharField(max_length=16, choices=Level)
    partner = models.ForeignKey("Partner", models.CASCADE, null=True, blank=True, related_name="roles")
    customer = models.ForeignKey("Customer", models.CASCADE, null=True, blank=True, related_name="roles")
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, db_collation="C")
    base = models.CharField(max_length=32)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("level", "partner", "customer", "name_key"), name="role_name_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(level="operator", partner=None, customer=None)
                | Q(level="partner", partner__isnull=False, customer=None)
                | Q(level="customer", customer__isnull=False),
                name="role_has_one_home",
            ),
        )

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person who signs in; `partner` or `customer` bounds what he sees."""

    USERNAME_FIELD = "email"

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, db_collation="C")
    first_name = models.CharField(max_length=255, blank=True, default="")
    last_name = models.CharField(max_length=255, blank=True, default="")
    phone = models.CharField(max_length=64, blank=True, default="")
    mobile = models.CharField(max_length=64, blank=True, default="")
    level = models.CharField(max_length=16, choices=Level)
    role = models.CharField(max_length=32)
    custom_role = models.ForeignKey(Role, models.RESTRICT, null=True, blank=True, related_name="users")
    partner = models.ForeignKey("Partner", models.CASCADE, null=True, blank=True, related_name="users")
    customer = models.ForeignKey("Customer", models.CASCADE, null=True, blank=True, related_name="users")
    is_active = models.BooleanField(default=True)
    is_native = models.BooleanField(default=True, help_text="no: an identity provider signs the user in")
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    epoch = models.IntegerField(default=1, help_text="raised to end every session of this user at once")
    timezone = models.CharField(max_length=64, default="UTC")
    preferences = models.JSONField(default=dict, help_text="columns, page size, import mappings, theme")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("email_key",), condition=Q(deleted_at=None), name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(level="operator", partner=None, customer=None)
                | Q(level="partner", partner__isnull=False, customer=None)
                | Q(level="customer", customer__isnull=False),
                name="user_has_one_home",
            ),
            models.CheckConstraint(
                condition=Q(role="custom", custom_role__isnull=False) | (~Q(role="custom") & Q(custom_role=None)),
                name="user_has_one_role",
            ),
        )

    def __str__(self) -> str:
        return self.email


class Token(models.Model):
    """An API token: only the hash of its secret half is kept (domain 16.3)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255)
    read_only = models.BooleanField(default=False)
    key = models.CharField(max_length=32, unique=True)
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Link(models.Model):
    """A single-use link sent to a person: first sign-in, invitation or password reset. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="links")
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=32)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} link of user {self.user_id}"


class Confirmation(models.Model):
    """A single-use link sent to a customer's contact address; followed, it says that somebody reads mails there."""

    customer = models.ForeignKey("Customer", models.CASCADE, related_name="confirmations")
    partner_id = models.BigIntegerField(null=True)
    email = models.CharField(max_length=254)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"confirmation of an address of customer {self.customer_id}"


class Attempt(models.Model):
    """Failed sign-ins counted for one account or one address in one window: the limit holds across processes."""

    subject = models.CharField(max_length=300, unique=True)
    failures = models.IntegerField(default=0)
    window_started_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.subject


class SavedView(models.Model):
    """A filter, a sort and a choice of columns that a user named."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=255)
    query = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="saved_view_name_unique"),)

    def __str__(self) -> str:
        return self.name
