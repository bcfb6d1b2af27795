"""Who asks an edge for a diagnostic bundle, and what is refused (domain 5.3, MOD-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access.diagnostics import bundles_for
from bailiwick.access.notes import Note, noted
from bailiwick.access.permissions import Permission
from bailiwick.fleet.diagnostics.files import forget, opened
from bailiwick.fleet.edges import locked, record
from bailiwick.fleet.heartbeat import ACTIVE
from bailiwick.models import BundleKind, BundleState, CustomerDetail, DiagnosticBundle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from bailiwick.access.actor import Actor
    from bailiwick.models import Edge

MOST = 50  # files of one customer
MEDIA_TYPE = "application/octet-stream"
REQUESTED, DOWNLOADED, DELETED = "EDGE_BUNDLE_REQUEST", "EDGE_BUNDLE_DOWNLOAD", "EDGE_BUNDLE_DELETE"


class Download(NamedTuple):
    """A file, and the name under which it is saved."""

    content: BinaryIO
    name: str


def request(actor: Actor, edge_id: int, given: Mapping[str, Any], *, now: datetime) -> DiagnosticBundle:
    """Asks for one: the edge hears it with its next heartbeat.

    Raises Edge.DoesNotExist, NotAllowed, ValidationError: `not_activated`, `pci_compliance`, `bundle_open`, `too_many`.
    """
    actor.require(Permission.EDGE_DIAGNOSE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        _require_possible(edge, given["kind"])
        row = DiagnosticBundle.objects.create(
            edge=edge, customer_id=edge.customer_id, partner_id=edge.partner_id, **given,
            actor_name=actor.name, requested_at=now,
        )  # fmt: skip
        record(actor, REQUESTED, edge, now, after=told(row))
    return row


def download(actor: Actor, bundle_id: int, *, home: Path, now: datetime) -> Download:
    """A complete one; who took it stands in the log. Raises NotAllowed, DiagnosticBundle.DoesNotExist."""
    actor.require(Permission.EDGE_DIAGNOSE)
    row = bundles_for(actor).select_related("edge__customer").get(pk=bundle_id, state=BundleState.COMPLETE)
    try:
        content = opened(home, row.logical_id)
    except FileNotFoundError:
        raise DiagnosticBundle.DoesNotExist from None
    with noted(Note.EXPORT):
        record(actor, DOWNLOADED, row.edge, now, after=told(row))
    return Download(content, _file_name(row))


def delete(actor: Actor, bundle_id: int, *, home: Path, now: datetime) -> None:
    """The request is withdrawn, or the file is gone. Raises NotAllowed, DiagnosticBundle.DoesNotExist."""
    actor.require(Permission.EDGE_DIAGNOSE)
    with transaction.atomic():
        row = bundles_for(actor).select_related("edge__customer").select_for_update(of=("self",)).get(pk=bundle_id)
        record(actor, DELETED, row.edge, now, before=told(row))
        row.delete()
        transaction.on_commit(lambda: forget(home, row.logical_id))


def told(row: DiagnosticBundle) -> dict[str, Any]:
    """Of which one an event speaks."""
    capture = {"interface": row.interface, "seconds": row.seconds} if row.kind == BundleKind.CAPTURE else {}
    return {"bundle": str(row.logical_id), "kind": str(row.kind), **capture}


def _file_name(row: DiagnosticBundle) -> str:
    """Of ids alone, for the name of an edge is no name of a file."""
    ending = "pcap" if row.kind == BundleKind.CAPTURE else "tar.gz"
    return f"edge-{row.edge_id}-bundle-{row.pk}.{ending}"


def _require_possible(edge: Edge, kind: str) -> None:
    own = DiagnosticBundle.objects.filter(customer_id=edge.customer_id)
    if kind == BundleKind.CAPTURE and CustomerDetail.objects.filter(pk=edge.customer_id, pci_compliance=True).exists():
        message = _("The customer enforces PCI compliance: packet captures are refused.")
        raise ValidationError(message, code="pci_compliance")
    if edge.activation_state not in ACTIVE:
        raise ValidationError(_("This edge is not activated."), code="not_activated")
    if own.filter(edge=edge, state=BundleState.REQUESTED).exists():
        raise ValidationError(_("The edge is asked for one already. Wait for it, or delete it."), code="bundle_open")
    if own.filter(state=BundleState.COMPLETE).count() >= MOST:
        message = _("The customer has %(most)s bundles already. Delete one that nobody needs.") % {"most": MOST}
        raise ValidationError(message, code="too_many")
