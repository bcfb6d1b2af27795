"""A page of the customers list: keyset in any sort, the last page as cheap as the first (performance.md 3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _

from bailiwick.access import prepared
from bailiwick.access.scope import customers_for, open_customers_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.beginnings import first_of, key_of
from bailiwick.engine.listing.counting import CAP, Total, known_large, remember_large, total_of
from bailiwick.engine.listing.filters import asks_inside, given, matching
from bailiwick.engine.listing.names import Names, kept_names, named, names
from bailiwick.engine.listing.parts import beyond, parts
from bailiwick.engine.listing.rows import Found, Row
from bailiwick.engine.listing.searches import fence_of
from bailiwick.engine.listing.sorts import SORTS, as_key, parse_sort, word_of
from bailiwick.engine.listing.spot import Spot, seal, unseal
from bailiwick.engine.listing.statements import Query, kept_walk, rows_of, walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bailiwick.access.actor import Actor

MOST = 2048
OWNERS = {"partner", "gateway_pool", "operator_profile"}


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the list, how many there are in all, and the tokens of the pages around it."""

    rows: Sequence[Row]
    total: Total
    start: int
    next: str | None
    previous: str | None
    names: Names


def page(
    actor: Actor,
    raw: Mapping[str, Any],
    *,
    sort: str = "name",
    limit: int = 50,
    after: str | None = None,
    before: str | None = None,
    detail: bool = False,
) -> Page:
    """One page of the customers that match. Raises InvalidParams for a filter, sort, limit or token that is none."""
    column, descending = parse_sort(sort)
    sort = f"-{column}" if descending else column
    require_limit(limit)
    backwards = bool(before) and not after
    token, field = (before, "before") if backwards else (after, "after")
    word = "" if asks_inside(actor, raw) else word_of(actor, column)
    spot = _looked_up(actor, unseal(token, sort=sort, field=field), word=word) if token else None
    # Only the whole list of an operator has one good plan for every value: it may be kept prepared.
    whole = actor.is_operator and not given(raw)
    rows = partial(matching, actor, raw)
    query = Query(rows, column, descending != backwards, limit + 1, detail, whole, word)
    found, total = _found(actor, raw, query, spot)
    if backwards and len(found) <= limit:
        return page(actor, raw, sort=sort, limit=limit, detail=detail)
    return _page(actor, found, total, spot, limit=limit, sort=sort, backwards=backwards)


def require_limit(limit: int) -> None:
    """Raises InvalidParams for a page size that no page may have."""
    if not 1 <= limit <= MOST:
        raise InvalidParams.one("limit", "limit_range", _("Give a page size of 1 to 2048."))


def _found(actor: Actor, raw: Mapping[str, Any], query: Query, spot: Spot | None) -> tuple[list[Found], Total]:
    """Chooses by the number of matches: few are sorted, many are walked."""
    if query.whole:
        return _walk(query, spot), total_of(actor)
    if not known_large(actor, raw):
        found, total = _few(actor, raw, query, spot)
        if total.exact:
            return found, total
        remember_large(actor, raw)
    return _walk(query, spot), Total(CAP, exact=False)


def _few(actor: Actor, raw: Mapping[str, Any], query: Query, spot: Spot | None) -> tuple[list[Found], Total]:
    """Finds all that match, if they are few enough to be counted."""
    key = key_of(actor, raw) if query.sort == "name" and spot is None else ""
    if key:
        return first_of(key, query)
    return ([], Total(CAP, exact=False)) if _owns_many(actor, raw, query) else _fenced(actor, raw, query, spot)


def _owns_many(actor: Actor, raw: Mapping[str, Any], query: Query) -> bool:
    """Counted before anything is read, where an index holds the answer: the customers of a partner, pool or profile."""
    asked = given(raw).keys()
    countable = asked <= OWNERS and (asked or actor.level == "partner")
    return bool(countable) and query.rows()[: CAP + 1].count() > CAP


def _page(
    actor: Actor, found: list[Found], total: Total, spot: Spot | None, *, limit: int, sort: str, backwards: bool
) -> Page:
    more, found = len(found) > limit, found[:limit]
    rank = spot.rank if spot else 0
    start = max(0, rank - len(found)) if backwards else rank
    if backwards:
        found.reverse()
    first, last = (found[0], found[-1]) if found else (None, None)
    has_next, has_previous = (bool(spot), more) if backwards else (more, bool(spot))
    return Page(
        rows=[each.row.seen_by(actor.level) for each in found],
        total=total,
        start=start,
        next=_token(sort, last, start + len(found)) if has_next else None,
        previous=_token(sort, first, start) if has_previous else None,
        names=names(first.version if first else None),
    )


def _token(sort: str, found: Found | None, rank: int) -> str | None:
    return seal(Spot(sort, sealed(found.keys), found.id, rank)) if found else None


def sealed(keys: Sequence[Any]) -> Any:
    """Keys as a spot holds them."""
    values = [as_key(key) for key in keys]
    return values[0] if len(values) == 1 else values


def _looked_up(actor: Actor, spot: Spot, *, word: str) -> Spot:
    """Fills in the key that was too long for the token, from the row itself."""
    if spot.key is not None and (word or not spot.in_closed):
        return spot
    sort, rows = SORTS[spot.sort.removeprefix("-")], open_customers_for(actor) if word else customers_for(actor)
    keys = None if spot.in_closed else rows.filter(pk=spot.id).values_list(*sort.keys).first()
    if keys is None:
        raise InvalidParams.one(
            "after", "page_gone", _("The customer at this page's edge is gone. Begin at the first page.")
        )
    return spot._replace(key=list(keys))


def _walk(query: Query, spot: Spot | None) -> list[Found]:
    """Follows the sort's own indexes from the spot; where names led, those of the version that the rows came with."""
    known = kept_names()
    found = _walked(query, spot, known)
    if SORTS[query.sort].groups and names(found[0].version if found else None) is not known:
        return _walked(query, spot, names())
    return found


def _walked(query: Query, spot: Spot | None, known: Names) -> list[Found]:
    found: list[Found] = []
    sort = SORTS[query.sort]
    first, end = 2, 2 + len(sort.keys)
    for part in parts(query.sort, spot, known, descending=query.descending, word=query.word):
        statement, params = (kept_walk if query.whole else walk)(query, part, query.limit - len(found))
        groups = () if part.groups is None else (list(part.groups),)
        rows = _fetch(statement, (*groups, *params, *beyond(part, spot)), prepare=query.whole)
        for each in rows:
            keys = () if part.closed else each[first:end]
            keys = named(known, sort.groups, keys) if sort.groups and keys else keys
            found.append(Found(each[0], each[1], keys, Row(*each[end:])))
        if len(found) >= query.limit:
            break
    return found


def _fenced(actor: Actor, raw: Mapping[str, Any], query: Query, spot: Spot | None) -> tuple[list[Found], Total]:
    """Filters first, then sorts what was found; more than the cap is a large part of all, and is walked instead."""
    statement, params = fence_of(actor, raw, query, spot)
    found = _fetch(statement, (*params, *((*spot.keys, spot.id) if spot else ())), prepare=False)
    # Behind the last row no row says how many there are.
    counted = [found[0][0]] if found else [query.rows()[: CAP + 1].count()] if spot else [0]
    total = Total(min(counted[0], CAP), exact=counted[0] <= CAP)
    return (_rows(query, found) if total.exact else []), total


def _rows(query: Query, found: list[Any]) -> list[Found]:
    """What the page shows of the customers found; one that is purged at this moment is left out."""
    if not found:
        return []
    ids = [tie for _count, tie, *_keys in found]
    read = {values[1]: values for values in _fetch(rows_of(query), (ids,), prepare=True)}
    if query.word:  # the first of the keys says whether the others may be known
        found = [(count, tie, *(keys if is_open else ())) for count, tie, is_open, *keys in found]
    return [Found(read[tie][0], tie, keys, Row(*read[tie][1:])) for _count, tie, *keys in found if tie in read]


def _fetch(sql: str, params: tuple[Any, ...], *, prepare: bool) -> list[Any]:
    # What is prepared has one plan for all values (settings); what is not has the values in its text, so that its plan
    # fits them. Not by Django's cursor: its reader of instants is slow Python (hence binary).
    if prepare:
        return prepared.rows(sql, params)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        text = psycopg.ClientCursor(cursor.connection).mogrify(sql, params)
        return psycopg.Cursor(cursor.connection).execute(text, prepare=False, binary=True).fetchall()
