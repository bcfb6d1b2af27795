"""A page by its number: long lists are entered at anchors, every 25th place of an order, known for a minute."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.counting import CAP, total_of
from bailiwick.engine.listing.filters import given, matching
from bailiwick.engine.listing.grid import Page, page, require_limit, sealed
from bailiwick.engine.listing.sorts import SORTS, parse_sort, word_of
from bailiwick.engine.listing.spot import Spot, seal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer

# All page sizes that a page offers are multiples of it: they begin at an anchor itself.
STEP = 25
FRESH = 60.0  # seconds; who comes and goes meanwhile moves a long list's pages by as many rows
MOST_KEPT = 4
FARTHEST = 2**31

_kept: dict[tuple[Any, ...], tuple[float, Sequence[Spot]]] = {}


def page_at(
    actor: Actor, raw: Mapping[str, Any], number: int, *, sort: str = "name", limit: int = 50, detail: bool = False
) -> Page:
    """The page of this number, empty behind the last. Raises InvalidParams as `page` does."""
    require_limit(limit)
    if not 1 <= number <= FARTHEST:
        raise InvalidParams.one("page", "page_range", _("Give the number of a page, from 1."))
    start = (number - 1) * limit
    token = _token(actor, raw, sort, start) if start else None
    if start and token is None:
        first = page(actor, raw, sort=sort, limit=1)
        return replace(first, rows=[], start=start, next=None, previous=None)
    return page(actor, raw, sort=sort, limit=limit, after=token, detail=detail)


def _token(actor: Actor, raw: Mapping[str, Any], sort: str, start: int) -> str | None:
    """The place behind so many rows; none behind the last."""
    if given(raw) or total_of(actor).count <= CAP:
        found = list(_spots(actor, matching(actor, raw), sort)[start - 1 : start])
        return seal(_spot(actor, sort, found[0], start)) if found else None
    at, rest = divmod(start, STEP)
    anchors = _anchors(actor, sort)
    if at > len(anchors):
        return None
    token = seal(anchors[at - 1]) if at else None
    return page(actor, raw, sort=sort, limit=rest, after=token).next if rest else token


def _anchors(actor: Actor, sort: str) -> Sequence[Spot]:
    name = (actor.level, actor.partner_id, actor.customer_id, sort)
    made, anchors = _kept.get(name, (-FRESH, ()))
    if time.monotonic() - made >= FRESH:
        rows = _spots(actor, matching(actor, {}), sort).annotate(at=Window(RowNumber(), order_by=_order(actor, sort)))
        every = rows.annotate(beside=F("at") % STEP).filter(beside=0)
        anchors = [_spot(actor, sort, found, STEP * place) for place, found in enumerate(every, start=1)]
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[name] = time.monotonic(), anchors
    return anchors


def _spots(actor: Actor, rows: QuerySet[Customer], sort: str) -> QuerySet[Any]:
    column, _descending = parse_sort(sort)
    order = SORTS[column]
    return rows.order_by(*_order(actor, sort)).values_list(*order.told(word_of(actor, column)), F(order.id))


def _order(actor: Actor, sort: str) -> list[Any]:
    column, descending = parse_sort(sort)
    keys: Any = (*SORTS[column].told(word_of(actor, column)), F(SORTS[column].id))
    return [key.desc() if descending else key.asc() for key in keys]


def _spot(actor: Actor, sort: str, found: Sequence[Any], rank: int) -> Spot:
    column, descending = parse_sort(sort)
    *keys, pk = found[: len(SORTS[column].keys) + 1 + bool(word_of(actor, column))]
    if word_of(actor, column):
        keys = keys[1:] if keys[0] else []
    return Spot(f"-{column}" if descending else column, sealed(keys), pk, rank)
