"""What devices ask for; whose edge it is comes from the key or the certificate, and from nothing that they say."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bailiwick.device import shapes
from bailiwick.fleet import activation, heartbeat
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.authority import authority as our_authority
from bailiwick.fleet.beats import Beat
from bailiwick.fleet.diagnostics import arriving

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate
    from django.http import HttpRequest

    from bailiwick.fleet.assignment import Assignment

SHOWN = "bailiwick.certificate"
MOST_SKEW = 2**31 - 1


def authority(_request: HttpRequest, _said: shapes.Nothing) -> dict[str, Any]:
    """The certificate of our authority. Ask once, without trusting the connection, and compare with the pin."""
    return {"authority": our_authority(settings.HOME).pem}


def activate(request: HttpRequest, said: shapes.Activation) -> dict[str, Any]:
    """A device becomes an edge by its key, once. The same device may ask again until it is heard, for 15 minutes."""
    device = activation.Device(
        said.serial_number, said.model, said.software_version, said.certificate_request, address_of(request)
    )
    found = activation.activate(said.key, device, home=settings.HOME, now=timezone.now())
    told = _assigned(found.assignment, said.software_version)
    return {**told, **certified(found.certificate), "edge": found.assignment.edge}


def beat(request: HttpRequest, said: shapes.Heartbeat) -> dict[str, Any]:
    """Says how the device is, and hears what is wanted of it."""
    now = timezone.now()
    links = [link.model_dump(exclude_none=True) for link in said.links]
    report = Beat(
        said.run, said.sequence, said.id, said.software_version, said.configuration_version, links,
        _skew(said.at, now), address_of(request),
    )  # fmt: skip
    told = heartbeat.beat(certificate_shown(request), report, now=now)
    wanted = {"bundle": told.assignment.bundle, "renew": told.renew}
    return {**_assigned(told.assignment, said.software_version), **wanted}


def configuration(request: HttpRequest, _said: shapes.Nothing) -> dict[str, Any]:
    """The document of the version that a heartbeat named."""
    version, document = heartbeat.configuration(certificate_shown(request), now=timezone.now())
    return {"version": version, "document": document}


def bundle_failed(request: HttpRequest, said: shapes.BundleFailure) -> dict[str, Any]:
    """The device cannot make the bundle that it was asked for, and says why."""
    shown, now = certificate_shown(request), timezone.now()
    arriving.failed(shown, said.bundle, said.why, home=settings.HOME, address=address_of(request), now=now)
    return {"done": True}


def renew(request: HttpRequest, said: shapes.Renewal) -> dict[str, Any]:
    """A new certificate. The old one counts until the new one is used for a heartbeat."""
    shown, now = certificate_shown(request), timezone.now()
    return certified(heartbeat.renew(shown, said.certificate_request, home=settings.HOME, now=now))


def deactivate(request: HttpRequest, _said: shapes.Nothing) -> dict[str, Any]:
    """The device is an edge no more; its edge waits for a new key."""
    heartbeat.resign(certificate_shown(request), address=address_of(request), now=timezone.now())
    return {"done": True}


def certificate_shown(request: HttpRequest) -> str:
    """The fingerprint of what the device showed. Raises Refused."""
    certificate = request.environ.get(SHOWN)  # type: ignore[attr-defined]
    if not certificate:
        raise Refused("certificate_needed", _("Connect with the certificate that the activation gave."))
    return hashlib.sha256(certificate).hexdigest()


def _assigned(found: Assignment, software_version: str) -> dict[str, Any]:
    ordered = found.image if found.image and found.image.version != software_version else None
    return {
        "heartbeat_seconds": found.heartbeat_seconds,
        "configuration_version": found.version,
        "gateways": found.gateways,
        "image": ordered._asdict() if ordered else None,
    }


def certified(certificate: Certificate) -> dict[str, Any]:
    """A certificate as a device gets it."""
    return {
        "certificate": certificate.public_bytes(Encoding.PEM).decode(),
        "authority": our_authority(settings.HOME).pem,
        "not_after": certificate.not_valid_after_utc,
    }


def _skew(at: datetime, now: datetime) -> int:
    """How far ahead the clock of the device is; whatever it says, no time of ours is taken from it."""
    return max(-MOST_SKEW, min(MOST_SKEW, int((at - now).total_seconds())))


def address_of(request: HttpRequest) -> str:
    """Where it calls from."""
    return str(request.META.get("REMOTE_ADDR", ""))[:64]
