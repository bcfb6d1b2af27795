"""Software images, the operator profiles that bring them, and which of these a customer may choose among."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class SoftwareImage(models.Model):
    """A software version that an operator profile gives to edges (domain 10.2)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    version = models.CharField(max_length=64)
    build_number = models.CharField(max_length=64, blank=True, default="", db_default="")
    device_family = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="none: all")
    deprecated = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="none: without a file")
    size = models.BigIntegerField(default=0, db_default=0, help_text="bytes")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("name", "version", "build_number"), name="software_image_unique"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ProfileKind(models.TextChoices):
    """Which sort of network the profile is made for (domain 10.1); edges of one sort get no image of the other."""

    SEGMENT = "SEGMENT_BASED", "Segment based"
    NETWORK = "NETWORK_BASED", "Network based"


class OperatorProfile(models.Model):
    """The settings and the software image that the operator gives to a customer's edges (domain 10.1)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, unique=True, db_collation="C")
    kind = models.CharField(max_length=16, choices=ProfileKind, default=ProfileKind.SEGMENT, db_default="SEGMENT_BASED")
    image = models.ForeignKey(SoftwareImage, models.PROTECT, null=True, related_name="operator_profiles")
    description = models.TextField(blank=True, default="", db_default="")
    orchestrator_address = models.CharField(
        max_length=253, blank=True, default="", db_default="", help_text="name or IP in activation links; none: ours"
    )
    heartbeat_seconds = models.IntegerField(default=30, db_default=30)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(heartbeat_seconds__gte=10), name="profile_heartbeat"),)

    def __str__(self) -> str:
        return self.name


class CustomerProfile(models.Model):
    """An operator profile that a customer's administrators may choose besides its default (domain 10.3).

    The default stands in the customer's own row and needs no line here, so who changes it forgets nothing.
    """

    customer = models.ForeignKey("Customer", models.CASCADE, related_name="profiles", db_index=False)
    partner_id = models.BigIntegerField(null=True)
    operator_profile = models.ForeignKey(OperatorProfile, models.PROTECT, related_name="customers_besides")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("customer", "operator_profile"), name="customer_profile_unique"),
        )

    def __str__(self) -> str:
        return f"profile {self.operator_profile_id} of customer {self.customer_id}"


class RolloutState(models.TextChoices):
    """How a roll-out stands; the first three are open: it holds the software of its edges."""

    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    HALTED = "halted", "Halted"
    DONE = "done", "Done"
    TAKEN_BACK = "taken_back", "Taken back"


OPEN_ROLLOUTS = (RolloutState.RUNNING, RolloutState.PAUSED, RolloutState.HALTED)


class Rollout(models.Model):
    """An image on its way to the edges of an operator profile, in waves; at the end the profile brings it (ADR 32)."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    operator_profile = models.ForeignKey(OperatorProfile, models.CASCADE, related_name="rollouts")
    image = models.ForeignKey(SoftwareImage, models.SET_NULL, null=True, related_name="rollouts")
    image_name = models.CharField(max_length=320, help_text="what it is called, also when the image is gone")
    canary = models.IntegerField(help_text="edges of the first wave")
    percents = ArrayField(models.IntegerField(), help_text="of all edges, how many have it after each later wave")
    pause_minutes = models.IntegerField(help_text="between two waves")
    most_failures = models.IntegerField(help_text="more edges that fail halt it")
    patience_minutes = models.IntegerField(help_text="an edge that is not back by then has failed")
    window_from = models.TimeField(null=True, help_text="local time of each edge; none: at any time")
    window_until = models.TimeField(null=True)
    state = models.CharField(max_length=16, choices=RolloutState, default=RolloutState.RUNNING)
    reason = models.CharField(max_length=32, blank=True, default="", help_text="why it was halted")
    judged_since = models.DateTimeField(help_text="failures before it were accepted by who let it go on")
    wave = models.IntegerField(default=0, help_text="the last one that began")
    wave_over_at = models.DateTimeField(null=True)
    actor_name = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("operator_profile",), condition=Q(state__in=OPEN_ROLLOUTS), name="rollout_one_open"
            ),
        )

    def __str__(self) -> str:
        return self.image_name

    @property
    def waves(self) -> int:
        """How many there are: the canary and one for each percentage."""
        return 1 + len(self.percents)

    @property
    def is_open(self) -> bool:
        """Whether it holds the software of its edges."""
        return self.state in OPEN_ROLLOUTS
