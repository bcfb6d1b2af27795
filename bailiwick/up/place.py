"""Where the database's files lie: in the state directory, or beside it when PostgreSQL's account cannot reach that."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bailiwick.up.process import Account

FALLBACK = Path("/var/lib/bailiwick")
SOCKET_FOLDER_LIMIT = 90  # of the 107 bytes that the system allows the whole name of a socket
PLAIN_PATH = re.compile(r"[\w./+-]+", re.ASCII)


def place_of(home: Path, account: Account | None) -> Path:
    """The directory of data and socket. A state directory in root's home is closed to other accounts, and stays so."""
    link = home / "database"
    if link.exists():
        return link.resolve()
    if account is None or account.can("x", home):
        link.mkdir(mode=0o711)
        return link
    FALLBACK.mkdir(mode=0o711, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=FALLBACK))
    place.chmod(0o711)
    link.unlink(missing_ok=True)
    link.symlink_to(place)
    return place


def socket_folder(place: Path, account: Account | None) -> Path:
    """The directory of the socket; a path too long for the system, or a list to PostgreSQL, gets a short one."""
    folder = place / "run"
    if len(os.fsencode(folder)) > SOCKET_FOLDER_LIMIT or not PLAIN_PATH.fullmatch(str(folder)):
        mark = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"bailiwick-{mark}"
    return private(folder, account)


def private(folder: Path, account: Account | None) -> Path:
    """A directory that only the database's account enters; one made by a stranger is replaced, never trusted."""
    uid = account.uid if account else os.geteuid()
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid != uid):
        discard(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


def discard(folder: Path) -> None:
    """Removes a directory with all in it; a link is removed, not what it points to."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)
