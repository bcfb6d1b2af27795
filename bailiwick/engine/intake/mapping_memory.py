"""The last mappings of a user, found again by the headings of a file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from bailiwick.engine.listing.preferences import keep
from bailiwick.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bailiwick.access.actor import Actor

KEY = "import_mappings"
KEPT = 20


def recall(actor: Actor, headings: Sequence[str]) -> dict[str, Any] | None:
    """The mapping that the actor used for a file with these headings, or None."""
    found: dict[str, Any] | None = _of(User.objects.get(pk=actor.user_id)).get(_mark(headings))
    return found


def remember(actor: Actor, headings: Sequence[str], mapping: Mapping[str, Any]) -> None:
    """Keeps the mapping; the oldest of more than 20 is forgotten."""
    kept = _of(User.objects.get(pk=actor.user_id))
    newest = {_mark(headings): dict(mapping), **{mark: each for mark, each in kept.items() if mark != _mark(headings)}}
    # JSON objects of the database have no order: the newest are kept as a list of pairs.
    keep(actor, **{KEY: list(newest.items())[:KEPT]})


def _of(user: User) -> dict[str, Any]:
    return dict(user.preferences.get(KEY, []))


def _mark(headings: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(headings)).encode()).hexdigest()[:16]
