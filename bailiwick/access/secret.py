"""Secrets that somebody brings back: only their hashes are kept, and a link that does not open says nothing."""

from __future__ import annotations

import hashlib


class DeadLink(Exception):  # noqa: N818 -- reads as the sentence it is
    """Unknown, used, too old, or not for whom it was made any more: which of these is not told."""


def hash_of(secret: str) -> str:
    """What is stored of it; whatever a stranger sends has one."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
