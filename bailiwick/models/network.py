"""Gateways, pools and edges: what the network is made of."""

from __future__ import annotations

import uuid

from django.db import models


class GatewayPool(models.Model):
    """A named set of gateways from which a customer's edges are served (domain 12.2)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    is_default = models.BooleanField(default=False)
    partner = models.ForeignKey(
        "Partner", models.PROTECT, null=True, blank=True, related_name="own_pools", help_text="whose own; none: ours"
    )

    def __str__(self) -> str:
        return self.name


class GatewayState(models.TextChoices):
    """Service states of domain 12.1."""

    IN_SERVICE = "IN_SERVICE"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"
    QUIESCED = "QUIESCED"
    PENDING = "PENDING"


class Gateway(models.Model):
    """A node between the customers' edges and the services behind it (domain 12.1)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    address = models.GenericIPAddressField(null=True)
    city = models.CharField(max_length=255, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    state = models.CharField(max_length=32, choices=GatewayState, default=GatewayState.IN_SERVICE)
    capacity = models.IntegerField(default=0, help_text="edges that may have their primary here")
    pools = models.ManyToManyField(GatewayPool, related_name="gateways")

    def __str__(self) -> str:
        return self.name


class EdgeState(models.TextChoices):
    """What the portal last heard (domain 13.3)."""

    NEVER_ACTIVATED = "NEVER_ACTIVATED"
    CONNECTED = "CONNECTED"
    DEGRADED = "DEGRADED"
    OFFLINE = "OFFLINE"
    DISABLED = "DISABLED"
    EXPIRED = "EXPIRED"


class ActivationState(models.TextChoices):
    """How far the device is in its life (domain 13.3)."""

    UNASSIGNED = "UNASSIGNED"
    PENDING = "PENDING"
    ACTIVATED = "ACTIVATED"
    REACTIVATION_PENDING = "REACTIVATION_PENDING"


class Edge(models.Model):
    """A device at a customer's site (domain 14.1)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey("Customer", models.CASCADE, related_name="edges", db_index=False)
    partner_id = models.BigIntegerField(null=True)
    operator_profile = models.ForeignKey(
        "OperatorProfile", models.PROTECT, null=True, related_name="edges", help_text="its own; none: its customer's"
    )
    ordered_image = models.ForeignKey(
        "SoftwareImage", models.PROTECT, null=True, related_name="+", help_text="by an open roll-out of its profile"
    )
    licence_type = models.ForeignKey(
        "LicenceType", models.PROTECT, null=True, related_name="edges", db_index=False, help_text="its customer has it"
    )
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, db_collation="C")
    state = models.CharField(max_length=32, choices=EdgeState, default=EdgeState.NEVER_ACTIVATED)
    activation_state = models.CharField(max_length=32, choices=ActivationState, default=ActivationState.PENDING)
    activated_at = models.DateTimeField(null=True)
    serial_number = models.CharField(max_length=64, blank=True, default="")
    ha_serial_number = models.CharField(max_length=64, blank=True, default="")
    model = models.CharField(max_length=64, blank=True, default="")
    software_version = models.CharField(max_length=64, blank=True, default="")
    software_updated_at = models.DateTimeField(null=True)
    last_contact_at = models.DateTimeField(null=True)
    city = models.CharField(max_length=255, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    timezone = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="none: its customer's")
    alerts_enabled = models.BooleanField(default=True)
    operator_alerts_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1, db_default=1, help_text="of what people say of it")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("customer", "name_key"), name="edge_name_unique"),)
        # Both keys of a licence begin with it: the type's own, and the one that says that the customer holds it.
        indexes = (models.Index(fields=("licence_type", "customer"), name="edge_licence"),)

    def __str__(self) -> str:
        return self.name

    @property
    def effective_operator_profile_id(self) -> int:
        """Its own choice, or its customer's default (domain 10.1)."""
        return self.operator_profile_id or self.customer.operator_profile_id
