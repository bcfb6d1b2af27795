"""Edge licences: which types there are, what a partner may give, what a customer has (domain 14.4)."""

from __future__ import annotations

import uuid

from django.db import models


class LicenceEdition(models.TextChoices):
    """What the edge may do; POC is a trial of everything."""

    STANDARD = "STANDARD", "Standard"
    ENTERPRISE = "ENTERPRISE", "Enterprise"
    PREMIUM = "PREMIUM", "Premium"
    POC = "POC", "POC"


class LicenceRegion(models.TextChoices):
    """Where it holds."""

    NORTH_AMERICA = "NORTH_AMERICA", "North America"
    EMEA = "EMEA", "Europe, Middle East and Africa"
    LATIN_AMERICA = "LATIN_AMERICA", "Latin America"
    ASIA_PACIFIC = "ASIA_PACIFIC", "Asia Pacific"
    ALL = "ALL", "All regions"


class LicenceType(models.Model):
    """A type that is sold; types are data, never the product of their factors."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    bandwidth_mbps = models.IntegerField(help_text="Mbit/s")
    edition = models.CharField(max_length=16, choices=LicenceEdition)
    region = models.CharField(max_length=16, choices=LicenceRegion)
    term_months = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("bandwidth_mbps", "edition", "region", "term_months"), name="licence_type_unique"
            ),
            models.CheckConstraint(condition=models.Q(bandwidth_mbps__gte=1, term_months__gte=1), name="licence_sizes"),
        )

    def __str__(self) -> str:
        return self.name


class PartnerLicence(models.Model):
    """A type that a partner may give to its customers."""

    partner = models.ForeignKey("Partner", models.CASCADE, related_name="licence_grants", db_index=False)
    licence_type = models.ForeignKey(LicenceType, models.PROTECT, related_name="partner_grants")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "licence_type"), name="partner_licence_unique"),)

    def __str__(self) -> str:
        return f"licence {self.licence_type_id} of partner {self.partner_id}"


class CustomerLicence(models.Model):
    """A type that a customer's edges may have."""

    customer = models.ForeignKey("Customer", models.CASCADE, related_name="licences", db_index=False)
    partner_id = models.BigIntegerField(null=True)
    licence_type = models.ForeignKey(LicenceType, models.PROTECT, related_name="customers")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("customer", "licence_type"), name="customer_licence_unique"),)

    def __str__(self) -> str:
        return f"licence {self.licence_type_id} of customer {self.customer_id}"
