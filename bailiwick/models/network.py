"""Gateways, pools and edges: what the network is made of."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from bailiwick.models.tenancy import EdgeAuthentication


class HandOff(models.TextChoices):
    """Whether partner gateways may serve the edges of a pool (domain 12.2)."""

    NONE = "NONE", "Not allowed"
    ALLOW = "ALLOW", "Allowed"
    ONLY = "ONLY", "Exclusively"


class GatewayPool(models.Model):
    """A named set of gateways from which a customer's edges are served (domain 12.2)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    description = models.TextField(blank=True, default="", db_default="")
    hand_off = models.CharField(max_length=8, choices=HandOff, default=HandOff.NONE, db_default=HandOff.NONE)
    has_ipv4 = models.BooleanField(default=True, db_default=True)
    has_ipv6 = models.BooleanField(default=False, db_default=False)
    is_default = models.BooleanField(default=False)
    version = models.IntegerField(default=1, db_default=1)
    partner = models.ForeignKey(
        "Partner", models.PROTECT, null=True, blank=True, related_name="own_pools", help_text="whose own; none: ours"
    )

    def __str__(self) -> str:
        return self.name


class GatewayState(models.TextChoices):
    """Service states: what the operator says of a gateway (domain 12.1)."""

    IN_SERVICE = "IN_SERVICE", "In service"
    PENDING_SERVICE = "PENDING_SERVICE", "Pending service"
    OUT_OF_SERVICE = "OUT_OF_SERVICE", "Out of service"
    QUIESCED = "QUIESCED", "Quiesced"


class GatewayCondition(models.TextChoices):
    """What the portal last heard of a gateway."""

    NEVER_ACTIVATED = "NEVER_ACTIVATED"
    CONNECTED = "CONNECTED"
    DEGRADED = "DEGRADED"
    OFFLINE = "OFFLINE"
    DISABLED = "DISABLED"


class GatewayRole(models.TextChoices):
    """What a gateway does (domain 12.1)."""

    DATA_PLANE = "DATA_PLANE", "Data plane"
    CONTROL_PLANE = "CONTROL_PLANE", "Control plane"
    VPN_TUNNEL = "VPN_TUNNEL", "Secure VPN"
    ON_PREMISE = "ON_PREMISE", "Partner gateway"
    CDE = "CDE", "Cardholder data"
    CWS = "CWS", "Cloud web security"
    CCI = "CCI", "Cloud-to-cloud interconnect"


def usual_roles() -> list[str]:
    """What a gateway does unless somebody says otherwise."""
    return [GatewayRole.DATA_PLANE.value, GatewayRole.CONTROL_PLANE.value]


class ActivationState(models.TextChoices):
    """How far the device is in its life (domain 13.3)."""

    UNASSIGNED = "UNASSIGNED"
    PENDING = "PENDING"
    ACTIVATED = "ACTIVATED"
    REACTIVATION_PENDING = "REACTIVATION_PENDING"


class GatewayLoad(models.Model):
    """What a gateway reports of itself, at each heartbeat; none of it decides what an edge is told."""

    condition = models.CharField(
        max_length=32,
        choices=GatewayCondition,
        default=GatewayCondition.NEVER_ACTIVATED,
        db_default=GatewayCondition.NEVER_ACTIVATED,
    )
    last_contact_at = models.DateTimeField(null=True)
    is_degraded = models.BooleanField(default=False, db_default=False, help_text="a service of it does not work")
    connected_edges = models.IntegerField(default=0, db_default=0)
    utilization = models.IntegerField(default=0, db_default=0, help_text="percent, of all that limits it")
    cpu = models.IntegerField(default=0, db_default=0, help_text="percent")
    memory = models.IntegerField(default=0, db_default=0, help_text="percent")
    software_version = models.CharField(max_length=64, blank=True, default="", db_default="")
    # Never smaller than before: two devices with one certificate cannot both keep to that (fleet/heartbeat.py).
    run = models.BigIntegerField(default=0, db_default=0)
    sequence = models.BigIntegerField(default=0, db_default=0)
    beat = models.UUIDField(null=True, help_text="the same again was sent twice")
    struck_at = models.DateTimeField(null=True, help_text="when one came that no single device sends")

    class Meta:
        abstract = True


class Gateway(GatewayLoad):
    """A node between the customers' edges and the services behind it (domain 12.1)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    partner = models.ForeignKey(
        "Partner", models.PROTECT, null=True, related_name="own_gateways", help_text="whose own; none: ours"
    )
    roles = ArrayField(models.CharField(max_length=16, choices=GatewayRole), default=usual_roles)
    address = models.GenericIPAddressField(null=True)
    private_address = models.GenericIPAddressField(null=True)
    ipv6_address = models.GenericIPAddressField(null=True, protocol="IPv6")
    dns_name = models.CharField(max_length=253, blank=True, default="", db_default="")
    is_load_balanced = models.BooleanField(default=False, db_default=False)
    authentication = models.CharField(
        max_length=32,
        choices=EdgeAuthentication,
        default=EdgeAuthentication.ACQUIRE,
        db_default=EdgeAuthentication.ACQUIRE,
    )
    contact_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    contact_email = models.CharField(max_length=254, blank=True, default="", db_default="")
    street = models.CharField(max_length=255, blank=True, default="", db_default="")
    city = models.CharField(max_length=255, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    state = models.CharField(max_length=32, choices=GatewayState, default=GatewayState.IN_SERVICE)
    activation_state = models.CharField(
        max_length=32,
        choices=ActivationState,
        default=ActivationState.UNASSIGNED,
        db_default=ActivationState.UNASSIGNED,
        help_text="unassigned: known by its address only, and not expected to report",
    )
    activated_at = models.DateTimeField(null=True)
    capacity = models.IntegerField(default=0, help_text="edges that may have their primary here")
    pools = models.ManyToManyField(GatewayPool, related_name="gateways")
    quiesced_at = models.DateTimeField(null=True, help_text="edges activated later are not sent here")
    replacement = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")
    deadline = models.DateTimeField(null=True, help_text="until then its edges may stay")
    letters_after = models.BigIntegerField(null=True, help_text="users up to this id were written to; none: all were")
    created_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1, db_default=1, help_text="of what people say of it")

    def __str__(self) -> str:
        return self.name

    @property
    def shown_state(self) -> str:
        """What people look for first: what the operator took out of service is that, whatever it reports."""
        is_out = self.state in (GatewayState.QUIESCED, GatewayState.OUT_OF_SERVICE)
        return str(self.state if is_out else self.condition)


class EdgeState(models.TextChoices):
    """What the portal last heard (domain 13.3)."""

    NEVER_ACTIVATED = "NEVER_ACTIVATED"
    CONNECTED = "CONNECTED"
    DEGRADED = "DEGRADED"
    OFFLINE = "OFFLINE"
    DISABLED = "DISABLED"
    EXPIRED = "EXPIRED"


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
