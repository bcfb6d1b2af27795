"""The installation's secret key: made once, kept in the state folder, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def installation_secret(home: Path) -> str:
    """Returns `BAILIWICK_SECRET`, or the key kept in `home`, which is made at the first start."""
    given = os.environ.get("BAILIWICK_SECRET")
    return given or _kept(home / "secret.key")


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()
