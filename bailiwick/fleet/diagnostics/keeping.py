"""What nobody waits for any more: requests that no edge answered, captures that PCI forbids by now, old files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from bailiwick.fleet.diagnostics import files
from bailiwick.models import BundleKind, BundleState, CustomerDetail, DiagnosticBundle

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

WAITED, KEPT = timedelta(days=1), timedelta(days=7)


def keep(now: datetime, *, home: Path) -> int:
    """Ends and removes them; returns how many rows and files changed."""
    open_ones = DiagnosticBundle.objects.filter(state=BundleState.REQUESTED)
    closed = CustomerDetail.objects.filter(pk=OuterRef("customer_id"), pci_compliance=True)
    refused = open_ones.filter(Exists(closed), kind=BundleKind.CAPTURE)
    changed = refused.update(state=BundleState.REFUSED, ended_at=now)
    changed += open_ones.filter(requested_at__lt=now - WAITED).update(state=BundleState.EXPIRED, ended_at=now)
    changed += DiagnosticBundle.objects.filter(ended_at__lt=now - KEPT).delete()[0]
    return changed + files.sweep(home, now.timestamp())
