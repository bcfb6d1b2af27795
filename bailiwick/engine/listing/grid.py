"""A page of the customers list: keyset in any sort, the last page as cheap as the first (performance.md 3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from bailiwick.access.scope import closed_customers_for, customers_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.counting import CAP, Total, known_large, remember_large, total_of
from bailiwick.engine.listing.filters import given, matching
from bailiwick.engine.listing.names import Names, names
from bailiwick.engine.listing.rows import Row
from bailiwick.engine.listing.sorts import SORTS, as_key, parse_sort
from bailiwick.engine.listing.spot import Spot, seal, unseal
from bailiwick.engine.listing.statements import Query, Shape, fence, kept_walk, rows_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bailiwick.access.actor import Actor

MOST = 2048


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
    if not 1 <= limit <= MOST:
        raise InvalidParams.one("limit", "limit_range", _("Give a page size of 1 to 2048."))
    backwards = bool(before) and not after
    token, field = (before, "before") if backwards else (after, "after")
    masked = closed_customers_for(actor).exists()
    spot = _looked_up(actor, unseal(token, sort=sort, field=field), masked=masked) if token else None
    # Only the whole list of an operator has one good plan for every value: it may be kept prepared.
    whole = actor.is_operator and not given(raw)
    rows = partial(matching, actor, raw)
    query = Query(rows, column, descending != backwards, limit + 1, detail, whole, masked)
    found, total = _found(actor, raw, query, spot)
    if backwards and len(found) <= limit:
        return page(actor, raw, sort=sort, limit=limit, detail=detail)
    shown = _page(found, total, spot, limit=limit, sort=sort, backwards=backwards)
    return (
        replace(shown, rows=[row if row.partner_access else row.by_name() for row in shown.rows]) if masked else shown
    )


def _found(actor: Actor, raw: Mapping[str, Any], query: Query, spot: Spot | None) -> tuple[list[Any], Total]:
    """Chooses by the number of matches: few are sorted, many are walked."""
    if query.whole:
        return _walk(query, spot), total_of(actor)
    if not known_large(actor, raw):
        found, total = _fenced(query, spot)
        if total.exact:
            return found, total
        remember_large(actor, raw)
    return _walk(query, spot), Total(CAP, exact=False)


def _page(found: list[Any], total: Total, spot: Spot | None, *, limit: int, sort: str, backwards: bool) -> Page:
    more, found = len(found) > limit, found[:limit]
    rank = spot.rank if spot else 0
    start = max(0, rank - len(found)) if backwards else rank
    if backwards:
        found.reverse()
    first, last = (found[0], found[-1]) if found else (None, None)
    has_next, has_previous = (bool(spot), more) if backwards else (more, bool(spot))
    return Page(
        rows=[Row(*values[4:]) for values in found],
        total=total,
        start=start,
        next=_token(sort, last, start + len(found)) if has_next else None,
        previous=_token(sort, first, start) if has_previous else None,
        names=names(first[0] if first else None),
    )


def _token(sort: str, values: Any, rank: int) -> str | None:
    return seal(Spot(sort, as_key(values[3]), values[2], rank)) if values else None


def _looked_up(actor: Actor, spot: Spot, *, masked: bool) -> Spot:
    """Fills in the key that was too long for the token, from the row itself."""
    if spot.key is not None:
        return spot
    sort = SORTS[spot.sort.removeprefix("-")]
    key = customers_for(actor).filter(pk=spot.id).values_list(sort.key_for(masked=masked)).first()
    if key is None:
        raise InvalidParams.one(
            "after", "page_gone", _("The customer at this page's edge is gone. Begin at the first page.")
        )
    return spot._replace(key=key[0])


def _walk(query: Query, spot: Spot | None) -> list[Any]:
    """Follows the sort's own index from the spot."""
    found: list[Any] = []
    for condition, keyed in _parts(query, spot):
        shape = Shape(keyed, spot is not None, query.limit - len(found))
        statement, params = (kept_walk if query.whole else walk)(query, condition, shape)
        beyond = () if spot is None else (spot.key, spot.id) if keyed else (spot.id,)
        found += _fetch(statement, (*params, *beyond), prepare=query.whole)
        if len(found) >= query.limit:
            break
        spot = None  # the next part begins at its own beginning
    return found


def _parts(query: Query, spot: Spot | None) -> Iterator[tuple[Q, bool]]:
    """The whole; or the rows above zero and the zeros apart, in the order asked for, without those already passed."""
    sort = SORTS[query.sort]
    if sort.zero is None or query.masked:
        yield Q(), True
        return
    path = sort.key.name  # type: ignore[attr-defined]
    # Written into the statement: a kept plan cannot know that a parameter is what the partial index leaves out.
    zero = RawSQL("0" if sort.zero == 0 else "''", ())  # noqa: S611 -- one of two constants
    zeros, above = Q(**{path: zero}), Q(**{f"{path}__gt": zero}) if sort.zero == 0 else ~Q(**{path: zero})
    at_zero = spot is None or spot.key == sort.zero
    if not query.descending and at_zero:
        yield zeros, False
    if not query.descending or spot is None or not at_zero:
        yield above, True
    if query.descending:
        yield zeros, False


def _fenced(query: Query, spot: Spot | None) -> tuple[list[Any], Total]:
    """Filters first, then sorts what was found; more than the cap is a large part of all, and is walked instead."""
    statement, params = fence(query, Shape(keyed=True, begun=spot is not None, limit=query.limit))
    found = _fetch(statement, (*params, *((spot.key, spot.id) if spot else ())), prepare=False)
    # Behind the last row no row says how many there are.
    counted = [found[0][0]] if found else [query.rows()[: CAP + 1].count()] if spot else [0]
    total = Total(min(counted[0], CAP), exact=counted[0] <= CAP)
    return (_rows(query, found) if total.exact else []), total


def _rows(query: Query, found: list[Any]) -> list[Any]:
    """What the page shows of the customers found; one that is purged at this moment is left out."""
    if not found:
        return []
    ids = [tie for _count, tie, _key in found]
    read = {values[1]: values for values in _fetch(rows_of(query), (ids,), prepare=True)}
    return [(read[tie][0], None, tie, key, *read[tie][1:]) for _count, tie, key in found if tie in read]


def _fetch(sql: str, params: tuple[Any, ...], *, prepare: bool) -> list[Any]:
    # Django's own cursor writes values into the text; a statement prepared on the server needs psycopg's. Binary,
    # because Django's reader of instants is Python and took a third of the time of a page.
    with connection.cursor() as cursor, connection.wrap_database_errors, psycopg.Cursor(cursor.connection) as plain:
        return plain.execute(sql, params, prepare=prepare, binary=True).fetchall()
