"""What lets a device be an edge: its activation key, its certificates, and when it was heard last."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bailiwick.models.network import Edge, Gateway
from bailiwick.models.software import Rollout


class OfEdge(models.Model):
    """A row that belongs to one edge; whose it is stands in it, so that one plain comparison bounds it."""

    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(db_index=True)

    class Meta:
        abstract = True


class ActivationKey(OfEdge):
    """A key that makes a device this edge, once; only a keyed hash is kept (D9)."""

    edge = models.ForeignKey(Edge, models.CASCADE, related_name="activation_keys")
    key_hash = models.CharField(max_length=64, unique=True)
    serial_number = models.CharField(max_length=64, blank=True, default="", help_text="none: any device")
    model = models.CharField(max_length=64, blank=True, default="", help_text="of a device that replaces another")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="hash of the device")
    answer = models.TextField(blank=True, default="", db_default="", help_text="what it may ask for once more")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("edge",), condition=Q(used_at=None, cancelled_at=None), name="activation_key_one_open"
            ),
        )
        indexes = (models.Index(fields=("used_at",), condition=~Q(answer=""), name="activation_key_answered"),)

    def __str__(self) -> str:
        return f"activation key of edge {self.edge_id}"


class Revocation(models.TextChoices):
    """Why a certificate counts no more."""

    REPLACED = "replaced"
    DEACTIVATED = "deactivated"
    CLONED = "cloned"


class DeviceCertificate(OfEdge):
    """A certificate that our authority gave to the device of an edge; found by what the device shows."""

    edge = models.ForeignKey(Edge, models.CASCADE, related_name="certificates")
    fingerprint = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_for = models.CharField(max_length=16, choices=Revocation, blank=True, default="")

    def __str__(self) -> str:
        return f"certificate of edge {self.edge_id}"


class DeviceContact(OfEdge):
    """The last heartbeat of an edge. Written at each of them: no index besides the key, pages half empty."""

    edge = models.OneToOneField(Edge, models.CASCADE, primary_key=True, related_name="contact")
    at = models.DateTimeField()
    seconds = models.IntegerField(help_text="until the next one, as the device was told")
    is_degraded = models.BooleanField(default=False)
    # Never smaller than before: two devices with one certificate cannot both keep to that (fleet/heartbeat.py).
    run = models.BigIntegerField(default=0)
    sequence = models.BigIntegerField(default=0)
    recent = ArrayField(models.UUIDField(), default=list, help_text="one of them again was sent twice, or came late")
    struck_at = models.DateTimeField(null=True, help_text="when one came that no single device sends")
    software_version = models.CharField(max_length=64, blank=True, default="")
    configuration_version = models.CharField(max_length=64, blank=True, default="", db_default="")
    configured_at = models.DateTimeField(null=True, help_text="when it began to say that version")
    links = models.JSONField(default=list)
    address = models.CharField(max_length=64, blank=True, default="")
    clock_skew = models.IntegerField(default=0, help_text="seconds that the device's clock is ahead")

    def __str__(self) -> str:
        return f"last heartbeat of edge {self.edge_id}"


class GatewayKey(models.Model):
    """A key that makes a device this gateway, once; as an edge's, only a keyed hash is kept (D9)."""

    partner_id = models.BigIntegerField(null=True)
    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="activation_keys")
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("gateway",), condition=Q(used_at=None, cancelled_at=None), name="gateway_key_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"activation key of gateway {self.gateway_id}"


class GatewayCertificate(models.Model):
    """A certificate that our authority gave to the device of a gateway."""

    partner_id = models.BigIntegerField(null=True)
    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="certificates")
    fingerprint = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_for = models.CharField(max_length=16, choices=Revocation, blank=True, default="")

    def __str__(self) -> str:
        return f"certificate of gateway {self.gateway_id}"


class RolloutStep(models.TextChoices):
    """How far an edge is in a roll-out."""

    WAITING = "waiting", "Waiting"
    ORDERED = "ordered", "Ordered"
    AWAY = "away", "Offline"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Left out"


class RolloutEdge(OfEdge):
    """An edge of a roll-out, in its wave."""

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="edges", db_index=False)
    edge = models.ForeignKey(Edge, models.CASCADE, related_name="rollouts")
    wave = models.IntegerField()
    step = models.CharField(max_length=16, choices=RolloutStep, default=RolloutStep.WAITING)
    before = models.CharField(max_length=64, blank=True, default="", help_text="the software that it had")
    ordered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=32, blank=True, default="", help_text="a code of fleet/rollout/words.py")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("rollout", "edge"), name="rollout_edge_once"),)

    def __str__(self) -> str:
        return f"edge {self.edge_id} in roll-out {self.rollout_id}"
