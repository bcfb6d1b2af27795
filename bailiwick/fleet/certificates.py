"""The certificates of an edge: given, and counted no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.fleet.authority import authority, fingerprint, sign
from bailiwick.models import DeviceCertificate, Revocation

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate

    from bailiwick.models import Edge


def give(edge: Edge, request: str, *, home: Path, now: datetime) -> Certificate:
    """A new certificate for the device that asked with its own key. Raises UnfitRequest."""
    made = sign(authority(home), request, edge=edge.logical_id, customer=edge.customer.logical_id, now=now)
    DeviceCertificate.objects.create(
        edge=edge, customer_id=edge.customer_id, partner_id=edge.partner_id, fingerprint=fingerprint(made),
        issued_at=now, not_after=made.not_valid_after_utc,
    )  # fmt: skip
    return made


def revoke(edge_id: int, why: Revocation, *, now: datetime, but: int = 0) -> int:
    """Those of an edge count no more, except one; returns how many did."""
    living: Any = DeviceCertificate.objects.filter(edge_id=edge_id, revoked_at=None)
    return int(living.exclude(pk=but).update(revoked_at=now, revoked_for=why))
