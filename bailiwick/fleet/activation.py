"""A device becomes an edge: its key is used up by one conditional UPDATE, and a certificate takes its place (D9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import attempts
from bailiwick.access.actor import Actor
from bailiwick.engine.configuration.edges import forget_overrides
from bailiwick.fleet import arrival, certificates, lost_answer
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.assignment import Assignment, assignment_of
from bailiwick.fleet.keys import hashes_of
from bailiwick.models import ActivationKey, ActivationState, DeviceContact, Edge, EdgeState, Revocation

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate

    from bailiwick.fleet.arrival import Whose

FAILURE = "EDGE_ACTIVATION_FAILURE"


class Device(NamedTuple):
    """What a device says of itself: text of a stranger, of bounded length."""

    serial_number: str
    model: str
    software_version: str
    request: str
    address: str


class Activated(NamedTuple):
    """What it gets."""

    certificate: Certificate
    assignment: Assignment


def activate(key: str, device: Device, *, home: Path, now: datetime) -> Activated:
    """Uses the key up: of any number at once, one wins. Raises Refused, UnfitRequest.

    A key is looked up by the index of its hash before tries are counted: who guesses hinders nobody who knows.
    """
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


def _become(whose: Whose, device: Device, home: Path, now: datetime) -> Activated:
    edge = Edge.objects.select_related("customer").select_for_update(of=("self",)).get(pk=whose.edge_id)
    wanted = Q(serial_number="") | Q(serial_number=device.serial_number)
    living = ActivationKey.objects.filter(wanted, pk=whose.row_id, used_at=None, cancelled_at=None, expires_at__gt=now)
    if not living.update(used_at=now):
        return _once_more(whose, device, now)
    certificates.revoke(edge.pk, Revocation.REPLACED, now=now)
    made = certificates.give(edge, device.request, home=home, now=now)
    lost_answer.keep(whose.row_id, device.serial_number, device.request, made)
    if edge.activated_at and device.model and device.model != edge.model:
        forget_overrides(_actor(edge, device.address), edge, now=now)
    found = assignment_of(edge.pk)
    _begin(edge, device, found.heartbeat_seconds, now)
    after = {"serial_number": device.serial_number, "model": device.model}
    _record(edge, "EDGE_ACTIVATION", device.address, now, after=after)
    return Activated(made, found)


def _once_more(whose: Whose, device: Device, now: datetime) -> Activated:
    """Whoever used the key up may have missed our answer. Raises Refused to anybody else."""
    same = lost_answer.kept(whose.row_id, device.serial_number, device.request, now=now)
    if same is None:
        raise _why(whose, now)
    return Activated(same, assignment_of(whose.edge_id))


def _begin(edge: Edge, device: Device, seconds: int, now: datetime) -> None:
    """The edge is the device from now on, and has to be heard in time like any other."""
    Edge.objects.filter(pk=edge.pk).update(
        activation_state=ActivationState.ACTIVATED, activated_at=now, state=EdgeState.CONNECTED, last_contact_at=now,
        serial_number=device.serial_number, model=device.model or edge.model,
        software_version=device.software_version,
        software_updated_at=now if device.software_version else edge.software_updated_at,
    )  # fmt: skip
    begun: dict[str, Any] = {
        "customer_id": edge.customer_id, "partner_id": edge.partner_id, "at": now, "seconds": seconds,
        "is_degraded": False, "run": 0, "sequence": 0, "recent": [], "struck_at": None, "links": [],
        "software_version": device.software_version, "address": device.address,
        "configuration_version": "", "configured_at": None,
    }  # fmt: skip
    DeviceContact.objects.update_or_create(edge=edge, defaults=begun)


def unknown_key(address: str, now: datetime) -> Refused:
    """What somebody hears whose key is none, and who guesses; edges' and gateways' tries count together."""
    budget = attempts.address(address, purpose="activation")
    if budget.take(now) > budget.limit:
        return Refused("too_many", _("Too many keys that are none came from this address. Wait 15 minutes."))
    return Refused("unknown_key", _("There is no such activation key."))


def _why(whose: Whose, now: datetime) -> Refused:
    key = ActivationKey.objects.get(pk=whose.row_id)
    if key.used_at:
        return Refused("key_used", _("This activation key was used already."))
    if key.cancelled_at:
        return Refused("key_cancelled", _("This activation key was replaced by another, or cancelled."))
    if key.expires_at <= now:
        return Refused("key_expired", _("This activation key is too old. Ask for a new one."))
    return Refused("wrong_serial", _("This activation key is for a device with another serial number."))


def _tell_failure(whose: Whose, device: Device, refusal: Refused, now: datetime) -> None:
    """In the customer's log, a few times: who has an old key does not fill it."""
    if attempts.edge(whose.edge_id).take(now) > attempts.PER_ACCOUNT:
        return
    edge = Edge.objects.select_related("customer").get(pk=whose.edge_id)
    after = {"code": refusal.code, "serial_number": device.serial_number, "model": device.model}
    _record(edge, FAILURE, device.address, now, after=after, severity="WARNING")


def _actor(edge: Edge, address: str) -> Actor:
    return Actor.stranger(edge.name, door="device", address=address)


def _record(
    edge: Edge, name: str, address: str, now: datetime, *, after: dict[str, str], severity: str = "INFO"
) -> None:
    audit.record(
        _actor(edge, address),
        name,
        subject=edge.name,
        customer=edge.customer,
        after=after,
        category="EDGE",
        severity=severity,
        at=now,
    )
