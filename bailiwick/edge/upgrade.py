"""The image that the orchestrator orders: fetched in parts between heartbeats, compared with its hash, then applied."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from bailiwick.edge.identity import Identity
    from bailiwick.edge.orchestrator import Orchestrator

PIECE = 1024 * 1024


class WrongImageError(Exception):
    """What came is not what was ordered."""


class LostError(Exception):
    """The device did not survive its new software: it is to be so, to show what the orchestrator does then."""


def go_on(identity: Identity, door: Orchestrator, image: dict[str, Any], *, seconds: float) -> bool:
    """Fetches for so long at most; returns whether the device runs the image now.

    What was fetched is kept, whatever happens. Raises AwayError, RefusedError, WrongImageError.
    """
    until, file = time.monotonic() + seconds, identity.folder / f"{image['sha256']}.part"
    fetched = file.stat().st_size if file.exists() else 0
    while fetched < image["size"]:
        if time.monotonic() > until:
            return False
        fetched = _append(file, door.fetch(f"image/{image['sha256']}", start=fetched))
    if _digest(file) != image["sha256"]:
        file.unlink()
        raise WrongImageError(f"The image {image['version']} came with another hash than was ordered.")
    file.replace(identity.folder / "image.zip")
    identity.remember(software_version=image["version"])
    return True


def _append(file: Path, piece: bytes) -> int:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        out.write(piece)
    return file.stat().st_size


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            found.update(piece)
    return found.hexdigest()
