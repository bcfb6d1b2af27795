"""An answer to an activation that was lost on its way: the same device may ask once more, and gets the same.

For a short while and until it was heard, the certificate that a used key made stands beside the key. It is no secret:
without the device's own key nobody can use it, and to nobody else it is given (D9, docs/adr/0029).
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bailiwick.fleet.authority import fingerprint, key_asked_for
from bailiwick.models import ActivationKey, DeviceCertificate, DeviceContact

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate

KEPT = timedelta(minutes=15)


def keep(key_id: int, serial: str, request: str, certificate: Certificate) -> None:
    """What the device of this serial number and this key of its own was given. Raises UnfitRequest."""
    pem = certificate.public_bytes(Encoding.PEM).decode()
    ActivationKey.objects.filter(pk=key_id).update(used_by=_device(serial, request), answer=pem)


def kept(key_id: int, serial: str, request: str, *, now: datetime) -> Certificate | None:
    """The same again: for the device that had it, while nothing was heard of it. Raises UnfitRequest."""
    key = ActivationKey.objects.filter(pk=key_id, used_at__gt=now - KEPT).exclude(answer="").first()
    if key is None or key.used_by != _device(serial, request):
        return None
    certificate = x509.load_pem_x509_certificate(key.answer.encode())
    shown = DeviceCertificate.objects.filter(fingerprint=fingerprint(certificate), revoked_at=None)
    is_silent = DeviceContact.objects.filter(edge_id=key.edge_id, run=0, sequence=0)
    return certificate if shown.exists() and is_silent.exists() else None


def forget(now: datetime) -> int:
    """What nobody may ask for any more; returns how many."""
    return ActivationKey.objects.filter(used_at__lte=now - KEPT).exclude(answer="").update(answer="")


def _device(serial: str, request: str) -> str:
    """Both in one: the length tells where one ends."""
    said = f"{len(serial)}:{serial}".encode()
    return hashlib.sha256(said + key_asked_for(request)).hexdigest()
