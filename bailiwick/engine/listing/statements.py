"""The statements of the list, composed from the filter, the sort and the place where the page begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bailiwick.engine.listing.counting import CAP
from bailiwick.engine.listing.names import VERSION
from bailiwick.engine.listing.parts import Part
from bailiwick.engine.listing.rows import DETAIL, PATHS, PLAIN, PLAIN_FIELDS, PLAIN_PATHS, Row
from bailiwick.engine.listing.sorts import SORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from bailiwick.engine.listing.spot import Spot
    from bailiwick.models import Customer

    Statement = tuple[str, tuple[Any, ...]]

MOST_KEPT = 200
# The id as each of two joined tables has it: a bound told of one only leaves a merge join to read the other whole.
IDS = {"id_of_customer": "id", "id_of_stat": "stat__customer_id"}

# The list and the order it is asked in: the sort's own index leads, and only the rows of the page are read.
WALK = """
SELECT {version}, tie, {keys}, {names} FROM ({inner}) AS q(tie, {keys}, {both}, {names})
{where} ORDER BY {order} LIMIT {limit}
"""
# Group after group: a function with ordinality is known to be in order, so the next group is read only when needed.
GROUPS = """
SELECT {version}, tie, {keys}, {names}
FROM unnest(%s::bigint[]) WITH ORDINALITY AS g(member, place) CROSS JOIN LATERAL (
  SELECT * FROM ({inner}) AS q(tie, {keys}, {both}, {names}) {where} ORDER BY {order} LIMIT {limit}
) AS q ORDER BY place, {order} LIMIT {limit}
"""
# The filter runs once, without regard to the order: with a rare filter the index of the sort is a walk through all.
FENCE = """
WITH k(tie, {read}) AS MATERIALIZED ({inner} LIMIT {cap})
SELECT (SELECT count(*) FROM k), tie, {read} FROM k {where} ORDER BY {order} LIMIT {limit}
"""
# Apart from the filter, so that the server plans it once: planning five tables takes longer than reading fifty rows.
ROWS = """
SELECT {version}, {columns} FROM bailiwick_customer c JOIN bailiwick_customerstat s ON s.customer_id = c.id {detail}
WHERE c.id = ANY (%s::bigint[])
"""


class Query(NamedTuple):
    """What is asked, in which order, how much of it. `whole`: all of an operator's customers, without a filter.

    `word`: by it customers let the reader in, and the order must tell nothing of those that did not.
    """

    rows: Callable[[], QuerySet[Customer]]
    sort: str
    descending: bool
    limit: int
    detail: bool
    whole: bool
    word: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """What the rows are called, in their order."""
        return Row._fields if self.detail else PLAIN_FIELDS

    @property
    def paths(self) -> tuple[str, ...]:
        """The same as the query set finds them."""
        return PATHS if self.detail else PLAIN_PATHS


_kept: dict[tuple[Any, ...], Statement] = {}


def kept_walk(query: Query, part: Part, limit: int) -> Statement:
    """The whole list asks the same few statements again and again: composing one takes longer than running it."""
    name = (query.sort, query.descending, query.detail, query.word, part.name, part.begun, limit)
    if name not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = walk(query, part, limit)
    return _kept[name]


def walk(query: Query, part: Part, limit: int) -> Statement:
    """The rows of one part of the list in the order of the sort's own index. Groups are the first parameter."""
    paths = (*IDS.values(), *query.paths)
    inner, params = _inner(query, query.rows().filter(part.condition), SORTS[query.sort].walked, paths)
    told = {"names": ", ".join(query.columns), "both": ", ".join(IDS)} | _order(query, part)
    template = WALK if part.groups is None else GROUPS
    return template.format(inner=inner, limit=limit, version=VERSION, **told), params


def fence(query: Query, spot: Spot | None) -> Statement:
    """Filters first, then sorts what was found; more than the cap is not worth sorting and not read."""
    inner, params = _inner(query, query.rows(), SORTS[query.sort].told(query.word))
    told = _order(query, Part("all", begun=spot is not None))
    told["read"] = f"is_open, {told['keys']}" if query.word else told["keys"]
    if query.word:
        told |= _apart(query, spot, told)
    return FENCE.format(inner=inner, cap=CAP + 1, limit=query.limit, **told), params


def _apart(query: Query, spot: Spot | None, told: Mapping[str, str]) -> dict[str, str]:
    """The order of `parts` in one statement: customers that are closed to the reader stand below all others."""
    order = f"is_open {'DESC' if query.descending else 'ASC'}, {told['order']}"
    if spot is None:
        return {"order": order}
    beyond = told["where"].removeprefix("WHERE ")
    if spot.in_closed:
        where = "NOT is_open AND tie < %s" if query.descending else "is_open OR tie > %s"
    else:
        where = f"NOT is_open OR {beyond}" if query.descending else f"is_open AND {beyond}"
    return {"order": order, "where": f"WHERE {where}"}


def rows_of(query: Query) -> str:
    """The rows of a page whose ids are known."""
    return ROWS.format(**joined(detail=query.detail))


def joined(*, detail: bool) -> dict[str, str]:
    """What a row is read from, and the version of the names that it goes with."""
    return {
        "version": VERSION,
        "columns": ", ".join(PLAIN + DETAIL if detail else PLAIN),
        "detail": "JOIN bailiwick_customerdetail d ON d.customer_id = c.id" if detail else "",
    }


def _inner(query: Query, rows: QuerySet[Customer], keys: Iterable[Combinable], paths: Sequence[str] = ()) -> Statement:
    sort = SORTS[query.sort]
    # Every customer has its 1:1 rows; said so, the join is an inner one, which the sort's index can lead.
    related = {path.split("__")[0] for path in (sort.id, *paths) if "__" in path}
    if related:
        rows = rows.filter(**{f"{table}__isnull": False for table in sorted(related)})
    return rows.order_by().values_list(sort.id, *keys, *paths).query.sql_with_params()


def _order(query: Query, part: Part) -> dict[str, str]:
    """What varies within the part leads its order, and the place where the page begins is told in the same columns."""
    keys = [f"key_{number}" for number, _key in enumerate(SORTS[query.sort].keys)]
    varied = [*keys[part.fixed :], "tie"]
    sign = "<" if query.descending else ">"
    if len(varied) > 1:
        beyond = f"({', '.join(varied)}) {sign} ({', '.join(['%s'] * len(varied))})"
    else:
        beyond = " AND ".join(f"{name} {sign} %s" for name in IDS)
    return {
        "keys": ", ".join(keys),
        "order": ", ".join(f"{column} {'DESC' if query.descending else 'ASC'}" for column in varied),
        "where": f"WHERE {beyond}" if part.begun else "",
    }
