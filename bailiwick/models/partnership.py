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
