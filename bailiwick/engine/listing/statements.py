"""The statements of the list, composed from the filter, the sort and the place where the page begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bailiwick.engine.listing.counting import CAP
from bailiwick.engine.listing.names import VERSION
from bailiwick.engine.listing.rows import DETAIL, PATHS, PLAIN, PLAIN_FIELDS, PLAIN_PATHS, Row
from bailiwick.engine.listing.sorts import SORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Q, QuerySet

    from bailiwick.models import Customer

    Statement = tuple[str, tuple[Any, ...]]

MOST_KEPT = 200

# The list and the order it is asked in: the sort's own index leads, and only the rows of the page are read.
WALK = """
SELECT {version}, NULL, * FROM ({inner}) AS q(tie, key, {names})
{where} ORDER BY key {way}, tie {way} LIMIT {limit}
"""
# The filter runs once, without regard to the order: with a rare filter the index of the sort is a walk through all.
FENCE = """
WITH k(tie, key) AS MATERIALIZED ({inner} LIMIT {cap})
SELECT (SELECT count(*) FROM k), tie, key FROM k {where} ORDER BY key {way}, tie {way} LIMIT {limit}
"""
# Apart from the filter, so that the server plans it once: planning five tables takes longer than reading fifty rows.
ROWS = """
SELECT {version}, {columns} FROM bailiwick_customer c JOIN bailiwick_customerstat s ON s.customer_id = c.id {detail}
WHERE c.id = ANY (%s::bigint[])
"""


class Query(NamedTuple):
    """What is asked, in which order, how much of it. `whole`: all of an operator's customers, without a filter.

    `masked`: some of the rows are seen by name only, and the order must tell nothing else of them.
    """

    rows: Callable[[], QuerySet[Customer]]
    sort: str
    descending: bool
    limit: int
    detail: bool
    whole: bool
    masked: bool = False

    @property
    def way(self) -> str:
        """The direction, in SQL."""
        return "DESC" if self.descending else "ASC"

    @property
    def columns(self) -> tuple[str, ...]:
        """What the rows are called, in their order."""
        return Row._fields if self.detail else PLAIN_FIELDS

    @property
    def paths(self) -> tuple[str, ...]:
        """The same as the query set finds them."""
        return PATHS if self.detail else PLAIN_PATHS


class Shape(NamedTuple):
    """What makes two statements of a walk differ, beside the sort. `keyed`: the key varies within the part."""

    keyed: bool
    begun: bool
    limit: int


_kept: dict[tuple[Any, ...], Statement] = {}


def kept_walk(query: Query, condition: Q, shape: Shape) -> Statement:
    """The whole list asks the same few statements again and again: composing one takes longer than running it."""
    name = (query.sort, query.descending, query.detail, shape)
    if name not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = walk(query, condition, shape)
    return _kept[name]


def walk(query: Query, condition: Q, shape: Shape) -> Statement:
    """The rows of one part of the list in the order of the sort's own index."""
    inner, params = _inner(query, query.rows().filter(condition))
    statement = WALK.format(
        version=VERSION,
        inner=inner,
        names=", ".join(query.columns),
        where=_where(query, shape),
        way=query.way,
        limit=shape.limit,
    )
    return statement, params


def fence(query: Query, shape: Shape) -> Statement:
    """Filters first, then sorts what was found; more than the cap is not worth sorting and not read."""
    inner, params = _inner(query, query.rows(), whole_rows=False)
    statement = FENCE.format(inner=inner, cap=CAP + 1, where=_where(query, shape), way=query.way, limit=query.limit)
    return statement, params


def rows_of(query: Query) -> str:
    """The rows of a page whose ids are known."""
    columns = ", ".join(PLAIN + DETAIL if query.detail else PLAIN)
    detail = "JOIN bailiwick_customerdetail d ON d.customer_id = c.id" if query.detail else ""
    return ROWS.format(version=VERSION, columns=columns, detail=detail)


def _inner(query: Query, rows: QuerySet[Customer], *, whole_rows: bool = True) -> Statement:
    sort = SORTS[query.sort]
    key, tie = sort.key_for(masked=query.masked), sort.id
    paths = query.paths if whole_rows else ()
    # Every customer has its 1:1 rows; said so, the join is an inner one, which the sort's index can lead.
    related = {path.split("__")[0] for path in (tie, *paths) if "__" in path}
    joined = rows.filter(**{f"{table}__isnull": False for table in sorted(related)})
    return joined.order_by().values_list(tie, key, *paths).query.sql_with_params()


def _where(query: Query, shape: Shape) -> str:
    if not shape.begun:
        return ""
    sign = "<" if query.descending else ">"
    return f"WHERE (key, tie) {sign} (%s, %s)" if shape.keyed else f"WHERE tie {sign} %s"
