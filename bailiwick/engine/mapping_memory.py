"""The last mappings of a user, found again by the headings of a file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from bailiwick.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bailiwick.access.actor import Actor

KEY = "import_mappings"
KEPT = 20


def recall(actor: Actor, headings: Sequence[str]) -> dict[str, Any] | None:
    """The mapping that the actor used for a file with these headings, or None."""
    found: dict[str, Any] = _of(User.objects.get(pk=actor.user_id)).get(_mark(headings))
    return found


def remember(actor: Actor, headings: Sequence[str], mapping: Mapping[str, Any]) -> None:
    """Keeps the mapping; the oldest of more than 20 is forgotten."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user_id)
        kept = _of(user)
        kept.pop(_mark(headings), None)
        newest = {_mark(headings): dict(mapping), **kept}
        # JSON objects of the database have no order: the newest are kept as a list of pairs.
        user.preferences = {**user.preferences, KEY: list(newest.items())[:KEPT]}
        user.save(update_fields=["preferences"])


def _of(user: User) -> dict[str, Any]:
    return dict(user.preferences.get(KEY, []))


def _mark(headings: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(headings)).encode()).hexdigest()[:16]
