"""The list's filter: one declaration for page, count, selection, export and action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.access.scope import customers_for
from bailiwick.engine.form import InvalidParams
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer


def matching(actor: Actor, raw: Mapping[str, Any]) -> QuerySet[Customer]:
    """The actor's customers that match; the grid replaces this thin form of it."""
    unknown = [name for name in raw if name != "search"]
    if unknown:
        raise InvalidParams.one(unknown[0], "unknown_field", "There is no such filter.")
    rows = customers_for(actor)
    return rows.filter(search__text__contains=name_key(str(raw["search"]))) if raw.get("search") else rows
