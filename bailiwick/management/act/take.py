"""A file from the shell: to standard output, or to a file that appears only when it is whole."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from bailiwick.engine.exports.export import download
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Export


def take(actor: Actor, action: Export, raw: Mapping[str, Any], *, output: str | None) -> bool:
    """Writes the export. Returns whether the reader took all of it; raises NotAllowed, InvalidParams."""
    made = download(actor, action, raw=raw, now=timezone.now())
    with closing(made.blocks) as blocks:  # type: ignore[type-var]
        if output is None:
            return _to_reader(blocks)
        _to_file(Path(output), blocks)
    return True


def _to_reader(blocks: Any) -> bool:
    try:
        for block in blocks:
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader (`head`, a pager) has enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _to_file(path: Path, blocks: Any) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            for block in blocks:
                file.write(block)
        part.replace(path)
    except OSError as error:
        raise InvalidParams.one("output", "unwritable", f"{path}: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
