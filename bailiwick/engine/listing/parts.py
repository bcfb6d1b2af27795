"""The list in parts, each held by one index in the order asked for: no index need order the whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q
from django.db.models.expressions import RawSQL

from bailiwick.engine.listing.sorts import SORTS, Sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.spot import Spot

# Groups asked in one statement: mostly the next few fill the page, and where many are empty one more look reads on.
STEPS = (8, 64, 512, 4096)
ALL = 9  # more keys than any sort has


class Part(NamedTuple):
    """`fixed`: how many of the leading keys are the same on all its rows. `begun`: the page starts inside of it."""

    name: str
    condition: Q = Q()
    fixed: int = 0
    begun: bool = False
    groups: Sequence[int] | None = None
    closed: bool = False


def beyond(part: Part, spot: Spot | None) -> tuple[Any, ...]:
    """What the part's statement is told of the place where it begins."""
    if spot is None or not part.begun:
        return ()
    varied = spot.keys[part.fixed :]
    return (*varied, spot.id) if varied else (spot.id, spot.id)


def parts(sort_name: str, spot: Spot | None, known: Names, *, descending: bool, word: str = "") -> Iterator[Part]:
    """The parts in the order asked for, without those that the page before has passed.

    `word`: customers that did not let the reader in by it stand apart, by their ids, below all others.
    """
    if not word:
        yield from _parts(sort_name, spot, known, descending=descending)
        return
    in_closed = spot is not None and spot.in_closed
    closed = Part("closed", Q(**{word: False}), fixed=ALL, begun=in_closed, closed=True)
    if in_closed or (spot is None and not descending):
        yield closed
    if not (in_closed and descending):
        for part in _parts(sort_name, None if in_closed else spot, known, descending=descending):
            yield part._replace(condition=part.condition & Q(**{word: True}))
    if descending and not in_closed:
        yield closed


def _parts(sort_name: str, spot: Spot | None, known: Names, *, descending: bool) -> Iterator[Part]:
    sort = SORTS[sort_name]
    if sort.groups:
        yield from _grouped(sort, spot, known, descending=descending)
    elif sort.flag or sort.zero is not None:
        yield from _apart(sort, spot, descending=descending)
    else:
        yield Part("all", begun=spot is not None)


def _apart(sort: Sort, spot: Spot | None, *, descending: bool) -> Iterator[Part]:
    """Two parts: the rows at the low value, which all have one key, and the others."""
    low, high = _two(sort)
    is_low = spot is not None and spot.keys[0] == (False if sort.flag else sort.zero)
    ordered = [high, low] if descending else [low, high]
    if spot is not None and is_low == descending:
        ordered = ordered[1:]
    for number, part in enumerate(ordered):
        yield part._replace(begun=spot is not None and not number)


def _two(sort: Sort) -> tuple[Part, Part]:
    path = sort.keys[0].name  # type: ignore[attr-defined]
    if sort.flag:
        return Part("off", Q(**{path: False}), fixed=1), Part("on", Q(**{path: True}), fixed=1)
    # Written into the statement: a kept plan cannot know that a parameter is what the partial index leaves out.
    zero = RawSQL("0" if sort.zero == 0 else "''", ())  # noqa: S611 -- one of two constants
    above = Q(**{f"{path}__gt": zero}) if sort.zero == 0 else ~Q(**{path: zero})
    return Part("zero", Q(**{path: zero}), fixed=1), Part("above", above)


def _grouped(sort: Sort, spot: Spot | None, known: Names, *, descending: bool) -> Iterator[Part]:
    """Those without a group come first (last when descending), then group by group in the order of their names."""
    ids, keys = list(known.keys[sort.groups]), list(known.keys[sort.groups].values())
    at = spot.keys[0] if spot else None
    without = Part("without", Q(**{f"{sort.groups}__isnull": True}), fixed=1, begun=at == "")
    nullable = sort.groups == "partner"
    if nullable and not descending and at in (None, ""):
        yield without
    yield from _groups(sort, _ahead(keys, ids, at, descending=descending), begun=at in keys)
    if nullable and descending:
        yield without


def _ahead(keys: Sequence[str], ids: Sequence[int], at: Any, *, descending: bool) -> Sequence[int]:
    """The groups from the spot's own on, or all."""
    if descending:
        return ids[: len(ids) if at is None else bisect_right(keys, at)][::-1]
    return ids[0 if at is None else bisect_left(keys, at) :]


def _groups(sort: Sort, ids: Sequence[int], *, begun: bool) -> Iterator[Part]:
    group = Q(**{f"{sort.groups}_id": RawSQL("g.member", ())})
    if begun:
        yield Part("begun", group, fixed=1, begun=True, groups=ids[:1])
        ids = ids[1:]
    for step in STEPS:
        if ids:
            yield Part("groups", group, fixed=1, groups=ids[:step])
        ids = ids[step:]
    for start in range(0, len(ids), STEPS[-1]):
        yield Part("groups", group, fixed=1, groups=ids[start : start + STEPS[-1]])
