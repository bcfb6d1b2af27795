"""A gateway reports its load; of two devices with one certificate one is found, as of edges (fleet/heartbeat.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.authority import RENEWED
from bailiwick.fleet.gateway import arrival
from bailiwick.fleet.gateway.activation import device_of, give
from bailiwick.fleet.gateway.keys import ACTIVE
from bailiwick.fleet.gateway.provisioning import put_to_rest
from bailiwick.fleet.gateway.rows import record
from bailiwick.fleet.heartbeat import STRIKES
from bailiwick.fleet.liveness import MISSED
from bailiwick.models import Gateway, GatewayCertificate, Revocation

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from cryptography.x509 import Certificate

    from bailiwick.fleet.gateway.arrival import Whose

SECONDS = 30  # between two heartbeats of a gateway
BEAT = """
UPDATE bailiwick_gateway g SET last_contact_at = %(now)s, is_degraded = %(is_degraded)s,
  connected_edges = %(connected_edges)s, utilization = %(utilization)s, cpu = %(cpu)s, memory = %(memory)s,
  software_version = %(software_version)s, run = %(run)s, sequence = %(sequence)s, beat = %(id)s
FROM bailiwick_gatewaycertificate d
WHERE g.id = %(gateway)s AND d.id = %(certificate)s AND d.gateway_id = g.id
  AND d.revoked_at IS NULL AND d.not_after > %(now)s AND g.activation_state IN ('ACTIVATED', 'REACTIVATION_PENDING')
  AND ((g.run, g.sequence) < (%(run)s, %(sequence)s) OR g.beat = %(id)s)
RETURNING d.not_after, g.state, g.deadline
"""
# In the order of ids, so that two of these statements never wait for each other in a circle.
FOLLOW = """
WITH heard AS (
  SELECT id, CASE WHEN last_contact_at + %(missed)s * interval '1 second' < %(now)s THEN 'OFFLINE'
    WHEN is_degraded THEN 'DEGRADED' ELSE 'CONNECTED' END AS condition
  FROM bailiwick_gateway WHERE activation_state IN ('ACTIVATED', 'REACTIVATION_PENDING')
), due AS (
  SELECT g.id, g.condition AS before, h.condition FROM heard h
  JOIN bailiwick_gateway g ON g.id = h.id AND g.condition <> h.condition ORDER BY g.id FOR UPDATE OF g
), followed AS (
  UPDATE bailiwick_gateway g SET condition = d.condition FROM due d WHERE g.id = d.id
  RETURNING g.id, g.name, g.partner_id, d.before, g.condition
)
INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, partner_id, subject, before,
  after)
SELECT %(now)s, CASE f.condition WHEN 'OFFLINE' THEN 'GATEWAY_DOWN' WHEN 'DEGRADED' THEN 'GATEWAY_SERVICE_FAILED'
    ELSE 'GATEWAY_UP' END, 'GATEWAY', CASE f.condition WHEN 'DEGRADED' THEN 'ERROR' ELSE 'INFO' END,
  'Bailiwick', 'worker', '', f.partner_id, f.name,
  jsonb_build_object('condition', f.before), jsonb_build_object('condition', f.condition)
FROM followed f ORDER BY f.id
"""


class Load(NamedTuple):
    """One heartbeat, validated by the door; the percentages are of what limits the gateway."""

    run: int
    sequence: int
    id: UUID
    software_version: str
    connected_edges: int
    utilization: int
    cpu: int
    memory: int
    is_degraded: bool


class Told(NamedTuple):
    """What the gateway hears."""

    state: str
    deadline: datetime | None
    renew: bool


def beat(shown: str, report: Load, *, address: str, now: datetime) -> Told:
    """Takes the report of the device that shows this certificate, by its fingerprint. Raises Refused."""
    whose = arrival.of_certificate(shown)
    with whose.inside():
        with transaction.atomic(), connection.cursor() as cursor:
            known: dict[str, Any] = {"now": now, "gateway": whose.gateway_id, "certificate": whose.row_id}
            cursor.execute(BEAT, {**report._asdict(), **known})
            found = cursor.fetchone()
            if found:
                _replaced(whose, now)
        if not found:
            raise _why(whose, address, now)
    not_after, state, deadline = found
    return Told(state, deadline, not_after - now < RENEWED)


def renew(shown: str, request: str, *, home: Path, now: datetime) -> Certificate:
    """A new certificate; the old one counts until the new one is seen. Raises Refused, UnfitRequest."""
    whose = arrival.of_certificate(shown)
    with whose.inside(), transaction.atomic():
        row = _held(whose, now)
        newer = GatewayCertificate.objects.filter(gateway=row, pk__gt=whose.row_id, revoked_at=None)
        newer.update(revoked_at=now, revoked_for=Revocation.REPLACED)
        return give(row, request, home=home, now=now)


def resign(shown: str, *, address: str, now: datetime) -> None:
    """The device gives its place back: its gateway waits for a new key. Raises Refused."""
    whose = arrival.of_certificate(shown)
    with whose.inside(), transaction.atomic():
        row = _held(whose, now)
        put_to_rest(row, now=now)
        record(device_of(row, address), "DEACTIVATE_GATEWAY", row, now)


def follow(now: datetime) -> int:
    """Brings the condition of every gateway up to date; returns how many changed theirs."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOLLOW, {"now": now, "missed": MISSED * SECONDS})
        return int(cursor.rowcount)


def _replaced(whose: Whose, now: datetime) -> None:
    """Those before the one that was seen now count no more."""
    older: Any = GatewayCertificate.objects.filter(gateway_id=whose.gateway_id, revoked_at=None, pk__lt=whose.row_id)
    older.update(revoked_at=now, revoked_for=Revocation.REPLACED)


def _held(whose: Whose, now: datetime) -> Gateway:
    row = Gateway.objects.select_for_update(of=("self",)).get(pk=whose.gateway_id)
    _require_living(whose, row, now)
    return row


def _why(whose: Whose, address: str, now: datetime) -> Refused:
    """The certificate counts no more; or it does, and the heartbeat is one that no single device can send."""
    with transaction.atomic():
        try:
            row = _held(whose, now)
        except Refused as refusal:
            return refusal
        if row.struck_at is None or now - row.struck_at > STRIKES:
            Gateway.objects.filter(pk=row.pk).update(struck_at=now)
            return Refused("out_of_step", _("This heartbeat is older than one that was answered."))
        living = GatewayCertificate.objects.filter(gateway=row, revoked_at=None)
        living.update(revoked_at=now, revoked_for=Revocation.CLONED)
        record(device_of(row, address), "GATEWAY_CERTIFICATE_CLONED", row, now, severity="ALERT")
        return _cloned()


def _require_living(whose: Whose, row: Gateway, now: datetime) -> None:
    found = GatewayCertificate.objects.get(pk=whose.row_id)
    if found.revoked_for == Revocation.CLONED:
        raise _cloned()
    if found.revoked_at or row.activation_state not in ACTIVE:
        said = _("This certificate counts no more: the gateway was activated anew, or ended.")
        raise Refused("certificate_revoked", said)
    if found.not_after <= now:
        raise Refused("certificate_expired", _("This certificate has ended. The gateway needs a new activation key."))


def _cloned() -> Refused:
    said = _("Two devices use this certificate. It is locked for both: make a new key for the gateway.")
    return Refused("certificate_cloned", said)
