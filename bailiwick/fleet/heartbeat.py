"""An edge reports: one statement writes what is new, and finds the device that has a copy of another's certificate.

Each start of a device counts its run up by one, each heartbeat its sequence, and both never go back: of two devices
with one certificate one speaks from a run that has ended, or says something new under a number that was used. What is
sent twice, or comes late, is known by its id. One that fits neither may have been on its way when its device started
anew; the second of them locks the certificate.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.actor import Actor
from bailiwick.access.prepared import rows
from bailiwick.engine.configuration.effective import effective
from bailiwick.fleet import arrival, certificates
from bailiwick.fleet.arrival import Refused, Whose
from bailiwick.fleet.assignment import COLUMNS, JOINS, assignment, assignment_of
from bailiwick.fleet.authority import RENEWED
from bailiwick.fleet.beats import KEPT, Beat, Told
from bailiwick.fleet.gathering import AGE, Here, Known
from bailiwick.models import (
    ActivationState,
    ConfigurationObject,
    DeviceCertificate,
    DeviceContact,
    Edge,
    EdgeState,
    Revocation,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate

ACTIVE = (ActivationState.ACTIVATED, ActivationState.REACTIVATION_PENDING)
STRIKES = timedelta(hours=1)
# A heartbeat that is lost when the power fails comes again: nobody waits for the disk. Whoever is not heard is told
# nothing, so one statement does all; it is planned once, for it runs hundreds of times a second.
BEAT = f"""
WITH heard AS (
  UPDATE bailiwick_devicecontact k SET at = %(now)s, seconds = p.heartbeat_seconds, is_degraded = %(degraded)s,
    run = greatest(k.run, %(run)s),
    sequence = CASE WHEN (k.run, k.sequence) < (%(run)s, %(sequence)s) THEN %(sequence)s ELSE k.sequence END,
    recent = CASE WHEN %(beat)s = ANY(k.recent) THEN k.recent ELSE (%(beat)s || k.recent)[1:{KEPT}] END,
    software_version = %(software)s, configuration_version = %(runs)s::varchar,
    configured_at = CASE WHEN k.configuration_version = %(runs)s::varchar THEN k.configured_at ELSE %(now)s END,
    links = %(links)s, address = %(address)s, clock_skew = %(skew)s
  FROM (SELECT set_config('synchronous_commit', 'off', true)) quick, bailiwick_devicecertificate d, bailiwick_edge e
  {JOINS}
  WHERE k.edge_id = %(edge)s AND e.id = k.edge_id AND e.activation_state IN ('ACTIVATED', 'REACTIVATION_PENDING')
    AND c.deleted_at IS NULL
    AND d.id = %(certificate)s AND d.edge_id = e.id AND d.revoked_at IS NULL AND d.not_after > %(now)s
    AND ((k.run, k.sequence) < (%(run)s, %(sequence)s) OR %(beat)s = ANY(k.recent))
  RETURNING k.edge_id, d.not_after, k.run, k.sequence
)
SELECT h.not_after, h.run, h.sequence,
  EXISTS (SELECT FROM bailiwick_devicecertificate o
    WHERE o.edge_id = h.edge_id AND o.revoked_at IS NULL AND o.id < %(certificate)s),
  {COLUMNS}
FROM heard h JOIN bailiwick_edge e ON e.id = h.edge_id {JOINS}
"""


def beat(shown: str, report: Beat, *, now: datetime) -> Told:
    """Takes the report of the device that shows this certificate, by its fingerprint. Raises Refused, FullError."""
    gathered = Here.now.take(shown, report, now) if Here.now else None
    return gathered or _asked(shown, report, now)


def _asked(shown: str, report: Beat, now: datetime) -> Told:
    whose, mark = _remembered(shown), Here.now.changes.mark() if Here.now else 0
    if Here.now:
        Here.now.settle(whose.edge_id)
    with whose.inside():
        found = rows(BEAT, _values(whose, report, now))
        if found and found[0][3]:
            certificates.revoke(whose.edge_id, Revocation.REPLACED, now=now, but=whose.row_id)
    if not found:
        if Here.now:
            Here.now.forget(shown)
        whose = known(shown)
        with whose.inside():
            raise _why(whose, report.address, now)
    not_after, run, sequence, _replaces, *told = found[0]
    assigned = assignment(told)
    if Here.now:
        Here.now.learn(shown, Known(whose, assigned, not_after, (run, sequence), mark, time.monotonic() + AGE))
    return Told(assigned, not_after - now < RENEWED)


def configuration(shown: str, *, now: datetime) -> tuple[str, dict[str, Any]]:
    """What the device should apply, and its version. Raises Refused."""
    whose = known(shown)
    with whose.inside():
        require_living(whose, now)
        # The version first: a document that is newer than it is asked for once more, an older one never would be.
        found = assignment_of(whose.edge_id)
        settings = ConfigurationObject.objects.filter(customer_id=whose.customer_id, edge_id=whose.edge_id).first()
        return found.version, {**found.orders, **effective(settings)}


def renew(shown: str, request: str, *, home: Path, now: datetime) -> Certificate:
    """A new certificate; the old one counts until the new one is seen. Raises Refused, UnfitRequest."""
    whose = known(shown)
    with whose.inside(), transaction.atomic():
        edge = Edge.objects.select_related("customer").select_for_update(of=("self",)).get(pk=whose.edge_id)
        require_living(whose, now)
        # One that waits to be seen is enough: another request takes its place.
        newer = DeviceCertificate.objects.filter(edge=edge, pk__gt=whose.row_id, revoked_at=None)
        newer.update(revoked_at=now, revoked_for=Revocation.REPLACED)
        return certificates.give(edge, request, home=home, now=now)


def resign(shown: str, *, address: str, now: datetime) -> None:
    """The device gives its place back: its edge waits for a new key. Raises Refused."""
    whose = known(shown)
    with whose.inside(), transaction.atomic():
        edge = Edge.objects.select_related("customer").select_for_update(of=("self",)).get(pk=whose.edge_id)
        require_living(whose, now)
        put_to_rest(edge, now=now)
        _record(edge, "EDGE_DEACTIVATION", address, now)


def put_to_rest(edge: Edge, *, now: datetime) -> None:
    """Whoever asked for it: no certificate counts, and nothing is expected of the edge any more."""
    certificates.revoke(edge.pk, Revocation.DEACTIVATED, now=now)
    rest = {"activation_state": ActivationState.PENDING, "state": EdgeState.DISABLED}
    Edge.objects.filter(pk=edge.pk).update(**rest)


def known(shown: str) -> Whose:
    """Whose the certificate with this fingerprint is. Raises Refused."""
    found = arrival.of_certificate(shown)
    if found is None:
        raise Refused("unknown_certificate", _("This certificate belongs to no edge."))
    return found


@lru_cache(maxsize=100_000)
def _remembered(shown: str) -> Whose:
    """A certificate is of one edge for ever; whether it still counts, and its customer lives, each statement asks."""
    return known(shown)


def _values(whose: Whose, report: Beat, now: datetime) -> dict[str, Any]:
    return {
        "now": now, "edge": whose.edge_id, "certificate": whose.row_id, "run": report.run, "sequence": report.sequence,
        "beat": report.id, "degraded": report.is_degraded, "software": report.software_version,
        "runs": report.configuration_version, "links": json.dumps(report.links), "address": report.address,
        "skew": report.clock_skew,
    }  # fmt: skip


def _why(whose: Whose, address: str, now: datetime) -> Refused:
    """The certificate counts no more; or it does, and the heartbeat is one that no single device can send."""
    with transaction.atomic():
        edge = Edge.objects.select_related("customer").select_for_update(of=("self",)).get(pk=whose.edge_id)
        try:
            require_living(whose, now)
        except Refused as refusal:
            return refusal
        contact = DeviceContact.objects.get(edge=edge)
        if contact.struck_at is None or now - contact.struck_at > STRIKES:
            DeviceContact.objects.filter(edge=edge).update(struck_at=now)
            return Refused("out_of_step", _("This heartbeat is older than one that was answered."))
        certificates.revoke(edge.pk, Revocation.CLONED, now=now)
        _record(edge, "EDGE_CERTIFICATE_CLONED", address, now, category="SECURITY", severity="ALERT")
        return _cloned()


def require_living(whose: Whose, now: datetime) -> None:
    """Raises Refused where the certificate counts no more."""
    found = DeviceCertificate.objects.select_related("edge").get(pk=whose.row_id)
    if found.revoked_for == Revocation.CLONED:
        raise _cloned()
    if found.revoked_at or found.edge.activation_state not in ACTIVE:
        raise Refused(
            "certificate_revoked", _("This certificate counts no more: the edge was activated anew, or ended.")
        )
    if found.not_after <= now:
        raise Refused("certificate_expired", _("This certificate has ended. The edge needs a new activation key."))


def _cloned() -> Refused:
    said = _("Two devices use this certificate. It is locked for both: request a reactivation of the edge.")
    return Refused("certificate_cloned", said)


def _record(
    edge: Edge, name: str, address: str, now: datetime, *, category: str = "EDGE", severity: str = "INFO"
) -> None:
    device = Actor.stranger(edge.name, door="device", address=address)
    audit.record(device, name, subject=edge.name, customer=edge.customer, category=category, severity=severity, at=now)
