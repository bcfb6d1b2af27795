"""What an edge is asked to tell of itself: a diagnostic bundle, or a capture of the packets of one interface."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from bailiwick.models.fleet import OfEdge
from bailiwick.models.network import Edge


class BundleKind(models.TextChoices):
    """What is asked for."""

    PLAIN = "plain", "Diagnostic bundle"
    CAPTURE = "capture", "Packet capture"


class BundleState(models.TextChoices):
    """How far it is."""

    REQUESTED = "requested", "Requested"
    COMPLETE = "complete", "Complete"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"
    REFUSED = "refused", "Refused"


class DiagnosticBundle(OfEdge):
    """A request and, once its edge has sent it, the file in the folder `diagnostics` under the logical id."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    edge = models.ForeignKey(Edge, models.CASCADE, related_name="bundles")
    kind = models.CharField(max_length=16, choices=BundleKind)
    interface = models.CharField(max_length=64, blank=True, default="", help_text="of a capture")
    seconds = models.IntegerField(default=0, help_text="of a capture")
    state = models.CharField(max_length=16, choices=BundleState, default=BundleState.REQUESTED)
    why = models.CharField(max_length=255, blank=True, default="", help_text="why there is none, as the device says it")
    size = models.BigIntegerField(default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    actor_name = models.CharField(max_length=255)
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("edge",), condition=Q(state="requested"), name="bundle_one_open"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of edge {self.edge_id}"
