"""What gateways ask for; which one it is comes from the key or the certificate, and from nothing that they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from bailiwick.device.views import address_of, certificate_shown, certified
from bailiwick.fleet.activation import Device
from bailiwick.fleet.gateway import activation, heartbeat

if TYPE_CHECKING:
    from django.http import HttpRequest

    from bailiwick.device import shapes


def activate(request: HttpRequest, said: shapes.GatewayActivation) -> dict[str, Any]:
    """A device becomes a gateway by its key, once."""
    device = Device(said.serial_number, "", said.software_version, said.certificate_request, address_of(request))
    row, made = activation.activate(said.key, device, home=settings.HOME, now=timezone.now())
    told = {"gateway": row.logical_id, "name": row.name, "heartbeat_seconds": heartbeat.SECONDS}
    return {**told, **certified(made)}


def beat(request: HttpRequest, said: shapes.GatewayHeartbeat) -> dict[str, Any]:
    """Says what the gateway bears, and hears what is wanted of it."""
    report = heartbeat.Load(**said.model_dump())
    told = heartbeat.beat(certificate_shown(request), report, address=address_of(request), now=timezone.now())
    return {"heartbeat_seconds": heartbeat.SECONDS, **told._asdict()}


def renew(request: HttpRequest, said: shapes.Renewal) -> dict[str, Any]:
    """A new certificate. The old one counts until the new one is used for a heartbeat."""
    shown, now = certificate_shown(request), timezone.now()
    return certified(heartbeat.renew(shown, said.certificate_request, home=settings.HOME, now=now))


def deactivate(request: HttpRequest, _said: shapes.Nothing) -> dict[str, Any]:
    """The device is a gateway no more; its gateway waits for a new key."""
    heartbeat.resign(certificate_shown(request), address=address_of(request), now=timezone.now())
    return {"done": True}
