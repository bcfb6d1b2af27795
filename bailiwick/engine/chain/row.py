"""One link of the chain as bytes: what its hash covers, and the checkpoint that is signed and sent out."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature

from bailiwick.engine.chain.key import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

BEFORE_THE_FIRST = bytes(32)
EMPTY = "{}"
LINE = re.compile(
    r"(bailiwick-checkpoint seal=(\d+) events=(\d+) at=(\S+) hash=([0-9a-f]{64}) key=([0-9a-f]{16}))"
    r" signature=([\w=-]+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a seal says; sets of numbers as PostgreSQL writes them."""

    number: int
    sealed_at: datetime
    ids: str
    awaited: str
    removed: str
    upto: int
    total: int
    leaves: bytes

    def hash(self, previous: bytes) -> bytes:
        """Covers everything that the seal says and, by the hash of the one before, all seals before it."""
        moment = self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        says = (self.number, moment, self.ids, self.awaited, self.removed, self.upto, self.total)
        lines = ("bailiwick seal 1", *says, sha256(self.leaves).hexdigest(), previous.hex())
        return sha256("\n".join(map(str, lines)).encode()).digest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One line that somebody else keeps: up to here the chain was, and so it looked."""

    number: int
    events: int
    at: str
    hash: bytes
    key: str
    signature: bytes = b""

    @property
    def claim(self) -> str:
        """What is signed."""
        parts = f"seal={self.number} events={self.events} at={self.at} hash={self.hash.hex()} key={self.key}"
        return f"bailiwick-checkpoint {parts}"

    def __str__(self) -> str:
        return f"{self.claim} signature={urlsafe_b64encode(self.signature).decode()}"

    def is_signed_by(self, known: Mapping[str, Ed25519PublicKey]) -> bool:
        """Whether one of the known keys signed exactly this."""
        if self.key not in known:
            return False
        try:
            known[self.key].verify(self.signature, self.claim.encode())
        except InvalidSignature:
            return False
        return True


def checkpoint(row: Row, digest: bytes, *, key: str, signature: bytes = b"") -> Checkpoint:
    """The checkpoint that a seal is."""
    moment = row.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return Checkpoint(row.number, row.total, moment, digest, key, signature)


def signed(row: Row, previous: bytes, key: Ed25519PrivateKey) -> Checkpoint:
    """The checkpoint of a new seal, signed."""
    bare = checkpoint(row, row.hash(previous), key=fingerprint(key.public_key()))
    return checkpoint(row, bare.hash, key=bare.key, signature=key.sign(bare.claim.encode()))


def checkpoints_in(text: str) -> Iterator[Checkpoint]:
    """Every checkpoint in a text, such as a log or a letter."""
    for found in LINE.finditer(text):
        _claim, number, events, at, digest, key, signature = found.groups()
        yield Checkpoint(int(number), int(events), at, bytes.fromhex(digest), key, _bytes(signature))


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text)
    except ValueError:
        return b""
