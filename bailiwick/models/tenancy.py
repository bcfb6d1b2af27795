"""Partners and customers: whom the network belongs to, split by how often a column is written."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from bailiwick.models.order import Beginning, Degrees, Written

DESCRIPTION_LENGTH = 10_000


class Place(models.Model):
    """A postal address and how to reach the people there."""

    contact_name = models.CharField(max_length=255, blank=True, default="")
    contact_email = models.CharField(max_length=254, blank=True, default="")
    contact_phone = models.CharField(max_length=64, blank=True, default="")
    contact_mobile = models.CharField(max_length=64, blank=True, default="")
    street = models.CharField(max_length=255, blank=True, default="")
    street_2 = models.CharField(max_length=255, blank=True, default="")
    city = models.CharField(max_length=255, blank=True, default="")
    state = models.CharField(max_length=255, blank=True, default="")
    postcode = models.CharField(max_length=32, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        abstract = True


class Partner(Place):
    """A reseller that manages customers on the operator's behalf (domain 8.1)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    domain = models.CharField(max_length=255, blank=True, default="")
    description = models.TextField(blank=True, default="", max_length=DESCRIPTION_LENGTH)
    operator_access = models.BooleanField(default=True)
    operate_gateways = models.BooleanField(default=False)
    edge_image_management = models.BooleanField(default=False, db_default=False)
    two_factor_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.IntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class BastionState(models.TextChoices):
    """Domain 7.7."""

    UNCONFIGURED = "UNCONFIGURED"
    STAGE_REQUESTED = "STAGE_REQUESTED"
    STAGED = "STAGED"
    UNSTAGE_REQUESTED = "UNSTAGE_REQUESTED"
    UNSTAGED = "UNSTAGED"


class EdgeAuthentication(models.TextChoices):
    """Default certificate mode of new edges (domain 2.2); the page says Acquire for CERTIFICATE_OPTIONAL."""

    DEACTIVATED = "CERTIFICATE_DISABLED", "Deactivated"
    ACQUIRE = "CERTIFICATE_OPTIONAL", "Acquire"
    REQUIRED = "CERTIFICATE_REQUIRED", "Required"


class Customer(models.Model):
    """An enterprise whose network the operator runs: identity, owner and flags (what bulk actions write).

    Counters live in CustomerStat, cold facts in CustomerDetail, search text in CustomerSearch: a flag on all rows stays
    HOT because no index covers a flag and the page keeps room for a second copy (performance.md section 2, item 1).
    """

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, db_collation="C")
    account_number = models.CharField(max_length=64)
    account_key = models.CharField(max_length=256, db_collation="C")
    domain = models.CharField(max_length=255, blank=True, default="")
    domain_key = models.CharField(max_length=1024, blank=True, default="", db_collation="C")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="customers")
    gateway_pool = models.ForeignKey("GatewayPool", models.PROTECT, related_name="customers")
    operator_profile = models.ForeignKey("OperatorProfile", models.PROTECT, related_name="customers")
    alerts_enabled = models.BooleanField(default=True)
    operator_alerts_enabled = models.BooleanField(default=True)
    edge_image_management = models.BooleanField(default=False)
    bastion_state = models.CharField(max_length=32, choices=BastionState, default=BastionState.UNCONFIGURED)
    edge_authentication = models.CharField(
        max_length=32, choices=EdgeAuthentication, default=EdgeAuthentication.ACQUIRE
    )
    operator_access = models.BooleanField(default=True)
    partner_access = models.BooleanField(default=False)
    withdrew_partner = models.BooleanField(default=False, db_default=False)  # outlives the partner it was said of
    operator_user_management = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            # Beside the keys: a search by beginnings reads the indexes alone (engine/listing/beginnings.py).
            models.UniqueConstraint(
                fields=("name_key",), condition=Q(deleted_at=None), include=("id",), name="customer_name_unique"
            ),
            models.UniqueConstraint(
                fields=("account_key",),
                condition=Q(deleted_at=None),
                include=("id", "name_key", "domain_key"),
                name="customer_account_unique",
            ),
            models.UniqueConstraint(
                fields=("domain_key",),
                condition=Q(deleted_at=None) & ~Q(domain_key=""),
                include=("id", "name_key"),
                name="customer_domain_unique",
            ),
            models.CheckConstraint(condition=~Q(name_key=""), name="customer_named"),
        )
        indexes = (
            # Of the living alone, with who lets whom in: a filter by one of these is answered without the rows.
            *(
                models.Index(
                    fields=(owner, "name_key", "id"),
                    include=("operator_access", "partner_access"),
                    condition=Q(deleted_at=None),
                    name=f"customer_by_{name}",
                )
                for owner, name in (("partner", "partner"), ("gateway_pool", "pool"), ("operator_profile", "profile"))
            ),
            models.Index(fields=("name_key", "id"), condition=Q(partner=None), name="customer_direct"),
            models.Index(fields=("bastion_state", "id"), name="customer_by_bastion"),
            models.Index(fields=("edge_authentication", "id"), name="customer_by_authentication"),
            models.Index(fields=("id",), condition=Q(domain_key=""), name="customer_without_domain"),
            models.Index(fields=("created_at", "id"), name="customer_by_created"),
            models.Index(
                fields=("partner", "id"),
                condition=Q(partner_access=False, partner__isnull=False),
                name="customer_closed_to_partner",
            ),
            models.Index(fields=("id",), condition=Q(operator_access=False), name="customer_closed_to_operator"),
            models.Index(fields=("deleted_at", "id"), condition=Q(deleted_at__isnull=False), name="customer_in_bin"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_staged(self) -> bool:
        """Whether the bastion holds or is about to hold a copy (domain 6)."""
        return self.bastion_state not in (BastionState.UNCONFIGURED, BastionState.UNSTAGED)


# The list can be sorted by each: one index a column, on a table that is seldom written.
SORTED_AS_STORED = ("contact_phone", "contact_mobile", "postcode", "country", "timezone", "locale")
SORTED_AS_WORDS = ("contact_name", "contact_email", "street", "city", "state")


class CustomerDetail(Place):
    """What is read on one customer's pages and in exports, and seldom written."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="detail")
    partner_id = models.BigIntegerField(null=True)
    description = models.TextField(blank=True, default="", max_length=DESCRIPTION_LENGTH)
    timezone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=35, default="en")
    services = models.JSONField(default=list)
    last_local_id = models.IntegerField(default=0, db_default=0, help_text="given to an object of its configuration")
    shipping_same_as_location = models.BooleanField(default=True)
    shipping_contact_name = models.CharField(max_length=255, blank=True, default="")
    shipping_street = models.CharField(max_length=255, blank=True, default="")
    shipping_street_2 = models.CharField(max_length=255, blank=True, default="")
    shipping_city = models.CharField(max_length=255, blank=True, default="")
    shipping_state = models.CharField(max_length=255, blank=True, default="")
    shipping_postcode = models.CharField(max_length=32, blank=True, default="")
    shipping_country = models.CharField(max_length=2, blank=True, default="")
    two_factor_enabled = models.BooleanField(default=False)
    two_factor_required = models.BooleanField(default=False)
    self_service_password_reset = models.BooleanField(default=True)
    pci_compliance = models.BooleanField(default=False)
    operator_sees_sensitive_data = models.BooleanField(default=False)
    partner_sees_sensitive_data = models.BooleanField(default=False)
    edge_configuration_updates = models.BooleanField(default=True)
    edge_configuration_updates_on_upgrade = models.BooleanField(default=True)

    class Meta:
        indexes = (
            *(models.Index(fields=(name, "customer"), name=f"detail_by_{name}") for name in SORTED_AS_STORED),
            *(models.Index(Lower(name), "customer", name=f"detail_by_{name}") for name in SORTED_AS_WORDS),
            models.Index(fields=("edge_configuration_updates", "customer"), name="detail_by_updates"),
            models.Index(fields=("edge_configuration_updates_on_upgrade", "customer"), name="detail_by_upgrade"),
            models.Index(Beginning("description"), "customer", name="detail_by_description"),
            models.Index(Written("services"), "customer", name="detail_by_services"),
            *(models.Index(Degrees(name), "customer", name=f"detail_by_{name}") for name in ("latitude", "longitude")),
        )

    def __str__(self) -> str:
        return f"details of customer {self.customer_id}"
