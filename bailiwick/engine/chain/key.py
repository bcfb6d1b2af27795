"""The key that signs the seals: made once, kept in the state folder and never in the database."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

if TYPE_CHECKING:
    from pathlib import Path

KEY, KNOWN = "seal.key", "seal.known"


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The key of this installation, made at the first start. Its public half is added to those that are known."""
    path = home / KEY
    if not path.exists():
        _make(path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key.")
    name = fingerprint(key.public_key())
    if name not in known_keys(home / KNOWN):
        with (home / KNOWN).open("a", encoding="ascii") as file:
            file.write(f"{name} {urlsafe_b64encode(key.public_key().public_bytes_raw()).decode()}\n")
    return key


def known_keys(path: Path) -> dict[str, Ed25519PublicKey]:
    """The keys whose seals are believed, by fingerprint: the present one and those before it."""
    if not path.exists():
        return {}
    kept = [line.split()[1] for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    keys = [Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(text)) for text in kept]
    return {fingerprint(key): key for key in keys}


def fingerprint(key: Ed25519PublicKey) -> str:
    """What a seal calls the key that signed it."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def _make(path: Path) -> None:
    """Appears at once and whole, or not at all: whoever comes second uses the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
