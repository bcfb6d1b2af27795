"""Activation keys as people read them: four groups of four, of characters that nobody takes for another (D9)."""

from __future__ import annotations

import secrets

from bailiwick import seal

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without 0, O, 1, I and L: 79 bits a key
GROUPS = GROUP = 4
OWNER = "activation-key"


def new_key() -> str:
    """A key that nobody has."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def hash_of(key: str) -> str:
    """What is stored of it."""
    return hashes_of(key)[0]


def hashes_of(text: str) -> list[str]:
    """What may be stored of a key as somebody typed it, under our secret or a former one; none for what is no key."""
    plain = text.upper().replace("-", "").replace(" ", "")
    if len(plain) != GROUP * GROUPS or not set(plain) <= set(ALPHABET):
        return []
    return seal.keyed_hashes(plain, owner=OWNER)
