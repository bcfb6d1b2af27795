"""What a partner may give to its customers: gateway pools and operator profiles, granted by the operator."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class PartnerPool(models.Model):
    """A gateway pool that the operator shares with a partner (domain 8.1, 8.2)."""

    partner = models.ForeignKey("Partner", models.CASCADE, related_name="pool_grants", db_index=False)
    gateway_pool = models.ForeignKey("GatewayPool", models.CASCADE, related_name="partner_grants")
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "gateway_pool"), name="partner_pool_unique"),
            models.UniqueConstraint(fields=("partner",), condition=Q(is_default=True), name="partner_pool_one_default"),
        )

    def __str__(self) -> str:
        return f"pool {self.gateway_pool_id} of partner {self.partner_id}"


class PartnerProfile(models.Model):
    """An operator profile that a partner may pass on to its customers (domain 8.1, 8.2)."""

    partner = models.ForeignKey("Partner", models.CASCADE, related_name="profile_grants", db_index=False)
    operator_profile = models.ForeignKey("OperatorProfile", models.CASCADE, related_name="partner_grants")
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "operator_profile"), name="partner_profile_unique"),
            models.UniqueConstraint(
                fields=("partner",), condition=Q(is_default=True), name="partner_profile_one_default"
            ),
        )

    def __str__(self) -> str:
        return f"profile {self.operator_profile_id} of partner {self.partner_id}"


class OfferState(models.TextChoices):
    """What became of an offer; only an open one can still be accepted."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class TransferOffer(models.Model):
    """A customer that the operator offers to a partner, with what the transfer would do (domain 8.2)."""

    customer = models.ForeignKey("Customer", models.CASCADE, related_name="transfer_offers", db_index=False)
    partner = models.ForeignKey("Partner", models.CASCADE, related_name="transfer_offers", db_index=False)
    partner_access = models.BooleanField()
    operator_access = models.BooleanField(null=True, help_text="none: as it is then")
    missing_pool = models.CharField(max_length=8)
    gateway_pool = models.ForeignKey("GatewayPool", models.CASCADE, null=True, related_name="+")
    add_profiles = models.BooleanField()
    from_partner = models.BooleanField()
    offered_by = models.CharField(max_length=254)
    job_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=16, choices=OfferState, default=OfferState.OFFERED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("customer",), condition=Q(state="offered"), name="offer_one_open"),
        )
        indexes = (
            models.Index(fields=("partner", "state", "id"), name="offer_by_partner"),
            models.Index(fields=("customer", "id"), name="offer_by_customer"),
            models.Index(fields=("deadline",), condition=Q(state="offered"), name="offer_open"),
        )

    def __str__(self) -> str:
        return f"offer of customer {self.customer_id} to partner {self.partner_id}"
