"""Whether a name is free in the whole installation: asked past the wall, answered with yes or no."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value


class IsTaken(Func):
    """A function of the database (migration 0022) that looks at every home and tells nothing of what it found."""

    function = "bailiwick_is_taken"
    output_field = BooleanField()


def is_taken(column: str, key: Any, *, but_by: str = "") -> Q:
    """Whether a living customer has this normal form, besides the row itself where `but_by` names its key."""
    but = [F(but_by)] if but_by else []
    return Q(IsTaken(Value(column), key if isinstance(key, F) else Value(key), *but))
