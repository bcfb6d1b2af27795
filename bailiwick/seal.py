"""Secrets that must be read again, sealed for their owner: the key is in the state folder, never in the database."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from collections.abc import Iterator

NONCE_BYTES, KEY_BYTES = 12, 32


class Unreadable(Exception):  # noqa: N818 -- reads as the sentence it is
    """Sealed with another key, for another owner, or altered."""


def seal(text: str, *, owner: str) -> str:
    """Returns the text so that only this installation reads it, and only as this owner's."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), owner.encode())
    return urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, owner: str) -> str:
    """Returns what was sealed. Raises Unreadable."""
    try:
        raw = urlsafe_b64decode(sealed)
    except ValueError:
        raise Unreadable from None
    for secret in _secrets():
        try:
            return AESGCM(_key(secret)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], owner.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    raise Unreadable


def keyed_hashes(text: str, *, owner: str) -> list[str]:
    """The hashes of a short secret under the key and its predecessors; without a key nobody can try them out."""
    return [
        salted_hmac("bailiwick.keyed-hash:" + owner, text, secret=secret, algorithm="sha256").hexdigest()
        for secret in _secrets()
    ]


def _secrets() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from (str(former) for former in settings.SECRET_KEY_FALLBACKS)


def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"bailiwick.seal.1").derive(secret.encode())
