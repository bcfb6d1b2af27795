"""A device at door 4 without TLS between: what it shows is put where the connection would put it."""

from __future__ import annotations

import json
import ssl
import uuid
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client, override_settings

from bailiwick.device import settings as door
from bailiwick.device.wsgi import SHOWN

AS_DOOR = {
    name: getattr(door, name) for name in ("ROOT_URLCONF", "MIDDLEWARE", "ALLOWED_HOSTS", "DATA_UPLOAD_MAX_MEMORY_SIZE")
}


def certificate_request(key: Any = None) -> str:
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


class Caller:
    """One device; `run` and `sequence` count as a device counts them."""

    def __init__(self, serial: str = "S-1", address: str = "192.0.2.7") -> None:
        self.serial, self.address = serial, address
        self.certificate = b""
        self.run, self.sequence = 1, 0

    def ask(self, method: str, name: str, body: Any = None, **extra: Any) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        with override_settings(**AS_DOOR):
            return Client(raise_request_exception=False).generic(
                method, f"/device/v1/{name}", data=sent, content_type=extra.pop("content_type", "application/json"),
                REMOTE_ADDR=self.address, **{SHOWN: self.certificate, **extra},
            )  # fmt: skip

    def activation(self, key: str, /, **other: Any) -> dict[str, Any]:
        said = {"key": key, "serial_number": self.serial, "model": "virtual", "software_version": "5.2.0"}
        return {**said, "certificate_request": certificate_request(), **other}

    def activate(self, key: str, /, **other: Any) -> Any:
        answer = self.ask("POST", "activate", self.activation(key, **other))
        if answer.status_code == 200:
            self.certificate = ssl.PEM_cert_to_DER_cert(answer.json()["certificate"])
        return answer

    def report(self, **other: Any) -> dict[str, Any]:
        self.sequence += 1
        counted = {"id": str(uuid.uuid4()), "run": self.run, "sequence": self.sequence}
        return {**counted, "at": datetime.now(UTC).isoformat(), "software_version": "5.2.0", **other}

    def beat(self, **other: Any) -> Any:
        return self.ask("POST", "heartbeat", self.report(**other))


def activated(waiting: Any, serial: str = "S-1") -> Caller:
    caller = Caller(serial)
    assert caller.activate(waiting.key).status_code == 200
    return caller
