"""A bundle comes from its edge in parts; a part may be lost and sent again, and the last one completes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.actor import Actor
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.diagnostics import files
from bailiwick.fleet.diagnostics.asking import told
from bailiwick.fleet.heartbeat import known, require_living
from bailiwick.models import BundleKind, BundleState, CustomerDetail, DiagnosticBundle

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from bailiwick.fleet.arrival import Whose

MOST = 64 * 1024 * 1024
COMPLETED, FAILED = "EDGE_BUNDLE_COMPLETE", "EDGE_BUNDLE_FAILED"


class Part(NamedTuple):
    """Some bytes of a bundle, as `Content-Range` says (RFC 9110, 14.4)."""

    bundle: UUID
    start: int
    content: bytes
    total: int
    address: str


def take(shown: str, part: Part, *, home: Path, now: datetime) -> int:
    """Keeps a part; returns how many bytes are there. Raises Refused, OSError."""
    _require_fit(part)
    whose = known(shown)
    with whose.inside(), transaction.atomic():
        row = _asked(whose, part.bundle, now)
        if part.start > files.received(home, row.logical_id):
            raise Refused("range", _("A part before this one is missing."))
        size = files.write(home, row.logical_id, part.start, part.content)
        if size == part.total:
            row.sha256, row.size = files.digest(home, row.logical_id), size
            _end(row, BundleState.COMPLETE, part.address, now)
    return size


def failed(shown: str, bundle: UUID, why: str, *, home: Path, address: str, now: datetime) -> None:
    """The device says that it cannot. Raises Refused."""
    whose = known(shown)
    with whose.inside(), transaction.atomic():
        row = _asked(whose, bundle, now)
        row.why = why
        _end(row, BundleState.FAILED, address, now)
        files.forget(home, row.logical_id)


def _require_fit(part: Part) -> None:
    if part.total > MOST:
        raise Refused("too_large", _("A bundle has at most %(most)s MiB.") % {"most": MOST // 1024 // 1024})
    if not part.content or part.start + len(part.content) > part.total:
        raise Refused("range", _("The part does not fit the bundle."))


def _asked(whose: Whose, bundle: UUID, now: datetime) -> DiagnosticBundle:
    """The one that this edge is asked for, and may send still."""
    require_living(whose, now)
    found = DiagnosticBundle.objects.select_related("edge__customer").select_for_update(of=("self",))
    row = found.filter(edge_id=whose.edge_id, logical_id=bundle, state=BundleState.REQUESTED).first()
    if row is None or (row.kind == BundleKind.CAPTURE and _is_closed(row)):
        raise Refused("unknown_bundle", _("Nobody waits for this bundle."))
    return row


def _is_closed(row: DiagnosticBundle) -> bool:
    return CustomerDetail.objects.filter(pk=row.customer_id, pci_compliance=True).exists()


def _end(row: DiagnosticBundle, state: BundleState, address: str, now: datetime) -> None:
    row.state, row.ended_at = state, now
    row.save(update_fields=["state", "ended_at", "sha256", "size", "why"])
    device = Actor.stranger(row.edge.name, door="device", address=address)
    name = COMPLETED if state == BundleState.COMPLETE else FAILED
    after = {**told(row), **({"sha256": row.sha256, "size": row.size} if row.size else {"why": row.why})}
    audit.record(device, name, subject=row.edge.name, customer=row.edge.customer, after=after, category="EDGE", at=now)
