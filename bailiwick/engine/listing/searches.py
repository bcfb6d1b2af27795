"""A search and nothing else, by an operator: its statement is composed once, and the word put in where it belongs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection

from bailiwick.engine.listing.filters import FIELDS, finds_beginnings, given, matching
from bailiwick.engine.listing.statements import fence
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.listing.spot import Spot
    from bailiwick.engine.listing.statements import Query, Statement

# Stands in the kept statement for what is searched.
WORD = "searched"
MOST_KEPT = 200
_kept: dict[tuple[Any, ...], Statement] = {}


def alone(actor: Actor, raw: Mapping[str, Any]) -> str:
    """What the operator searches, if it is all that he asks for, and if the list has nothing to say against it."""
    asked = given(raw)
    text = asked.get("search")
    if not (actor.is_operator and len(asked) == 1 and isinstance(text, str)):
        return ""
    try:
        return name_key(FIELDS["search"].clean(text))
    except ValidationError:
        return ""  # the list says what is wrong with it


def fence_of(actor: Actor, raw: Mapping[str, Any], query: Query, spot: Spot | None) -> Statement:
    """The statement of `fence`. Composing that of a search by the ORM takes as long as running it."""
    key = alone(actor, raw)
    if not key or finds_beginnings(key):
        return fence(query, spot)
    text, params = _kept_fence(actor, query, spot)
    pattern = f"%{connection.ops.prep_for_like_query(key)}%"
    return text, tuple(pattern if each == f"%{WORD}%" else each for each in params)


def _kept_fence(actor: Actor, query: Query, spot: Spot | None) -> Statement:
    name = (query.sort, query.descending, query.limit, query.word, spot is None, bool(spot and spot.in_closed))
    if name not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = fence(query._replace(rows=partial(matching, actor, {"search": WORD})), spot)
    return _kept[name]
