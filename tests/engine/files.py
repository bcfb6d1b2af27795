"""Reading files of ours the way another program reads them."""

from __future__ import annotations

import csv
import io

from bailiwick.access.actor import Actor
from bailiwick.engine.action import Action
from bailiwick.engine.exports.export import download
from tests.world import NOW


def read(data: bytes, separator: str = ",") -> list[list[str]]:
    """As Python's own reader sees it."""
    csv.field_size_limit(10_000_000)
    return list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator, strict=True))


def records(actor: Actor, action: Action, **raw: object) -> list[dict[str, str]]:
    """The rows of an export by heading."""
    rows = read(b"".join(download(actor, action, raw=raw, now=NOW).blocks), str(raw.get("separator", ",")))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
