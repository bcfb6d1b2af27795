"""Our own certificate authority: it vouches for devices, and for the door they knock at; its key is sealed."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from datetime import datetime, timedelta
from fcntl import LOCK_EX, flock
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bailiwick import seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from uuid import UUID

FOLDER, OWNER = "devices", "device-authority"
LIFE, DOOR_LIFE, DEVICE_LIFE = timedelta(days=3650), timedelta(days=398), timedelta(days=90)
RENEWED = timedelta(days=30)  # before its end
CLOCKS = timedelta(minutes=10)  # so much may the clock of a device be behind
CURVES = (ec.SECP256R1, ec.SECP384R1)


class UnfitRequest(ValueError):  # noqa: N818 -- reads as the sentence it is
    """No certificate can be given for it: not PEM, not signed by its own key, or a kind of key that we do not take."""


class Authority(NamedTuple):
    """Who signs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """The certificate that devices and their door trust."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def pin(self) -> str:
        """What a person carries to a device, so that its first question reaches us and nobody else."""
        return fingerprint(self.certificate)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate, by which it is found."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


@cache
def authority(home: Path) -> Authority:
    """The one of this installation, made at its first use. Raises seal.Unreadable where the secret key is another."""
    files = home / FOLDER / "authority.pem", home / FOLDER / "authority.key"
    with _alone(home):
        if not all(file.exists() for file in files):
            _make(*files)
        certificate = x509.load_pem_x509_certificate(files[0].read_bytes())
        key = load_pem_private_key(seal.unseal(files[1].read_text(), owner=OWNER).encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise seal.Unreadable
    return Authority(certificate, key)


def sign(ours: Authority, request: str, *, now: datetime, **of: UUID) -> x509.Certificate:
    """A certificate for the key of a device; of its request nothing else is taken. Raises UnfitRequest.

    `of`: what it is by its logical id, `edge` or `gateway`, and then whose.
    """
    key = _key_of(request)
    names = [x509.UniformResourceIdentifier(f"urn:bailiwick:{kind}:{uuid}") for kind, uuid in of.items()]
    builder = _builder(str(next(iter(of.values()))), ours.certificate.subject, key, now, DEVICE_LIFE)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _leaf(builder, ours, ExtendedKeyUsageOID.CLIENT_AUTH)


def key_asked_for(request: str) -> bytes:
    """The public key of a request that its owner signed. Raises UnfitRequest."""
    return _key_of(request).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def door_certificate(home: Path, hosts: Iterable[str], *, now: datetime) -> tuple[Path, Path]:
    """Certificate and key of the door for devices: made for these names, and anew before it ends."""
    ours = authority(home)
    files, wanted = (home / FOLDER / "door.pem", home / FOLDER / "door.key"), sorted({*hosts})
    with _alone(home):
        if not _serves(files[0], wanted, ours, now):
            _make_door(files, wanted, ours, now)
    return files


def _key_of(request: str) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
    try:
        found = x509.load_pem_x509_csr(request.encode("ascii"))
        key, signed = found.public_key(), found.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise UnfitRequest("The certificate request cannot be read.") from None
    if not signed:
        raise UnfitRequest("The certificate request is not signed by its own key.")
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)):
        raise UnfitRequest("The key is of a kind that is not taken: give P-256, P-384 or Ed25519.")
    return key


def _builder(
    name: str, issuer: x509.Name | None, key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey, now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:  # fmt: skip
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return x509.CertificateBuilder(
        issuer or subject, subject, key, x509.random_serial_number(), now - CLOCKS, now + life
    )


def _leaf(builder: x509.CertificateBuilder, ours: Authority, use: x509.ObjectIdentifier) -> x509.Certificate:
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours.key.public_key()), critical=False)
        .sign(ours.key, SHA256())
    )


def _make(certificate: Path, key: Path) -> None:
    made, now = ec.generate_private_key(ec.SECP256R1()), datetime.now().astimezone()
    signed = (
        _builder("Bailiwick devices", None, made.public_key(), now, LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(made.public_key()), critical=False)
        .sign(made, SHA256())
    )
    _write(key, seal.seal(_pem(made), owner=OWNER).encode())
    _write(certificate, signed.public_bytes(Encoding.PEM))


def _make_door(files: tuple[Path, Path], hosts: list[str], ours: Authority, now: datetime) -> None:
    made = ec.generate_private_key(ec.SECP256R1())
    builder = _builder("Bailiwick", ours.certificate.subject, made.public_key(), now, DOOR_LIFE)
    builder = builder.add_extension(x509.SubjectAlternativeName([_name(host) for host in hosts]), critical=False)
    _write(files[1], _pem(made).encode())
    _write(
        files[0], _leaf(builder, ours, ExtendedKeyUsageOID.SERVER_AUTH).public_bytes(Encoding.PEM) + ours.pem.encode()
    )


def _serves(file: Path, hosts: list[str], ours: Authority, now: datetime) -> bool:
    if not file.exists():
        return False
    found = x509.load_pem_x509_certificate(file.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_ours = found.issuer == ours.certificate.subject and _signed_by(found, ours)
    return is_ours and list(names) == [_name(host) for host in hosts] and found.not_valid_after_utc - now > RENEWED


def _signed_by(certificate: x509.Certificate, ours: Authority) -> bool:
    try:
        certificate.verify_directly_issued_by(ours.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Two processes that begin at once do not make two authorities."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
