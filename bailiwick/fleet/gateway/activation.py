"""A device becomes a gateway: its key is used up by one conditional UPDATE, and a certificate takes its place (D9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access import attempts
from bailiwick.access.actor import Actor
from bailiwick.fleet.activation import unknown_key
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.authority import authority, fingerprint, sign
from bailiwick.fleet.gateway import arrival
from bailiwick.fleet.gateway.rows import record
from bailiwick.fleet.keys import hashes_of
from bailiwick.models import ActivationState, Gateway, GatewayCertificate, GatewayCondition, GatewayKey, Revocation

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate

    from bailiwick.fleet.activation import Device
    from bailiwick.fleet.gateway.arrival import Whose

FAILURE = "GATEWAY_ACTIVATION_FAILURE"


def activate(key: str, device: Device, *, home: Path, now: datetime) -> tuple[Gateway, Certificate]:
    """Uses the key up: of any number at once, one wins. Raises Refused, UnfitRequest."""
    hashes = hashes_of(key)
    whose = arrival.of_key(hashes) if hashes else None
    if whose is None:
        raise unknown_key(device.address, now)
    with whose.inside():
        try:
            with transaction.atomic():
                return _become(whose, device, home, now)
        except Refused as refusal:
            _tell_failure(whose, device, refusal, now)
            raise


def give(row: Gateway, request: str, *, home: Path, now: datetime) -> Certificate:
    """A new certificate for the device that asked with its own key. Raises UnfitRequest."""
    made = sign(authority(home), request, gateway=row.logical_id, now=now)
    GatewayCertificate.objects.create(
        gateway=row, partner_id=row.partner_id, fingerprint=fingerprint(made), issued_at=now,
        not_after=made.not_valid_after_utc,
    )  # fmt: skip
    return made


def _become(whose: Whose, device: Device, home: Path, now: datetime) -> tuple[Gateway, Certificate]:
    row = Gateway.objects.select_for_update(of=("self",)).get(pk=whose.gateway_id)
    living = GatewayKey.objects.filter(pk=whose.row_id, used_at=None, cancelled_at=None, expires_at__gt=now)
    if not living.update(used_at=now):
        raise _why(whose)
    former = GatewayCertificate.objects.filter(gateway=row, revoked_at=None)
    former.update(revoked_at=now, revoked_for=Revocation.REPLACED)
    made = give(row, device.request, home=home, now=now)
    begun = {
        "activation_state": ActivationState.ACTIVATED, "activated_at": now, "condition": GatewayCondition.CONNECTED,
        "last_contact_at": now, "software_version": device.software_version, "run": 0, "sequence": 0, "beat": None,
        "struck_at": None, "connected_edges": 0, "is_degraded": False,
    }  # fmt: skip
    Gateway.objects.filter(pk=row.pk).update(**begun)
    said = {"serial_number": device.serial_number, "software_version": device.software_version}
    record(device_of(row, device.address), "GATEWAY_ACTIVATION", row, now, after=said)
    return row, made


def device_of(row: Gateway, address: str) -> Actor:
    """Who acts in the log when the gateway itself does."""
    return Actor.stranger(row.name, door="device", address=address)


def _why(whose: Whose) -> Refused:
    key = GatewayKey.objects.get(pk=whose.row_id)
    if key.used_at:
        return Refused("key_used", _("This activation key was used already."))
    if key.cancelled_at:
        return Refused("key_cancelled", _("This activation key was replaced by another, or cancelled."))
    return Refused("key_expired", _("This activation key is too old. Ask for a new one."))


def _tell_failure(whose: Whose, device: Device, refusal: Refused, now: datetime) -> None:
    """A few times: who has an old key does not fill the log."""
    if attempts.gateway(whose.gateway_id).take(now) > attempts.PER_ACCOUNT:
        return
    row = Gateway.objects.get(pk=whose.gateway_id)
    after = {"code": refusal.code, "serial_number": device.serial_number}
    record(device_of(row, device.address), FAILURE, row, now, after=after, severity="WARNING")
