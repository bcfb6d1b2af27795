"""The last checkpoint as the host remembers it: whoever has the database alone cannot have the chain begin anew."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from django.db import connection

from bailiwick.access.wall import SEALER, standing
from bailiwick.engine.chain.row import checkpoints_in

if TYPE_CHECKING:
    from pathlib import Path

    from bailiwick.engine.chain.row import Checkpoint

log = logging.getLogger(__name__)
FILE = "seal.last"
HASH = "SELECT hash FROM bailiwick_seal WHERE number = %s"
CUT = (
    "Seal %s is not in the database any more as it was sealed. Run `bailiwick audit verify`. Sealing goes on; "
    "%s stays as it is until somebody moves it away."
)


def remember(home: Path, point: Checkpoint) -> None:
    """Takes the place of the one before, as long as that is in the chain; if not, it stays as a witness."""
    for former in remembered(home):
        if not _is_in_the_chain(former):
            log.error(CUT, former.number, home / FILE)
            return
    fresh = home / f"{FILE}.{os.getpid()}"
    fresh.write_text(f"{point}\n", encoding="ascii")
    fresh.replace(home / FILE)


def remembered(home: Path) -> list[Checkpoint]:
    """The last one; none before the first seal."""
    path = home / FILE
    return list(checkpoints_in(path.read_text(errors="replace"))) if path.exists() else []


def _is_in_the_chain(point: Checkpoint) -> bool:
    with standing(SEALER), connection.cursor() as cursor:
        cursor.execute(HASH, [point.number])
        return bool(cursor.fetchone() == (point.hash,))
