"""A certificate of the portal's own for `bailiwick up --tls`: nobody vouches for it, and it is for this machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

LIFE, RENEWED = timedelta(days=398), timedelta(days=30)  # browsers accept no longer one
HOST, ADDRESSES = "localhost", ("127.0.0.1", "::1")


class Certificate(NamedTuple):
    """Where the two files are; only the portal's own user may read the key."""

    certificate: Path
    key: Path


def own_certificate(home: Path) -> Certificate:
    """The one of this state directory: made at the first start, and anew before it ends."""
    folder = home / "tls"
    files = Certificate(folder / "certificate.pem", folder / "key.pem")
    if not _lasts(files):
        folder.mkdir(mode=0o700, exist_ok=True)
        _make(files)
    return files


def _lasts(files: Certificate) -> bool:
    if not all(file.exists() for file in files):
        return False
    found = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    return found.not_valid_after_utc - datetime.now(UTC) > RENEWED


def _make(files: Certificate) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    names = [x509.DNSName(HOST), *(x509.IPAddress(ip_address(each)) for each in ADDRESSES)]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for path, content in ((files.key, secret), (files.certificate, made.public_bytes(Encoding.PEM))):
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
