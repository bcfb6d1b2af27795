"""The files of diagnostic bundles: written in parts under the bundle's logical id, never under a name of a device."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from bailiwick.models import DiagnosticBundle

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO
    from uuid import UUID

FOLDER = "diagnostics"
PIECE = 1024 * 1024
YOUNG = 3600.0  # seconds in which a file may be ahead of its row


def write(home: Path, bundle: UUID, start: int, content: bytes) -> int:
    """Puts a part where it belongs, again if it comes again; returns how many bytes are there. Raises OSError."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(folder / str(bundle), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.seek(start)
        file.write(content)
        file.truncate()
        return file.tell()


def received(home: Path, bundle: UUID) -> int:
    """How many bytes are there."""
    path = home / FOLDER / str(bundle)
    return path.stat().st_size if path.exists() else 0


def digest(home: Path, bundle: UUID) -> str:
    """SHA-256 of the whole file."""
    with opened(home, bundle) as file:
        found = hashlib.sha256()
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def opened(home: Path, bundle: UUID) -> BinaryIO:
    """For reading. Raises FileNotFoundError."""
    return (home / FOLDER / str(bundle)).open("rb")


def forget(home: Path, bundle: UUID) -> None:
    """Removes it, if it is there."""
    (home / FOLDER / str(bundle)).unlink(missing_ok=True)


def sweep(home: Path, before: float) -> int:
    """Removes the files whose rows are gone, with their edge or their customer; returns how many."""
    files = {path.name: path for path in (home / FOLDER).glob("*") if path.stat().st_mtime < before - YOUNG}
    kept = {
        str(each) for each in DiagnosticBundle.objects.filter(logical_id__in=files).values_list("logical_id", flat=True)
    }
    for name in files.keys() - kept:
        files[name].unlink(missing_ok=True)
    return len(files.keys() - kept)
