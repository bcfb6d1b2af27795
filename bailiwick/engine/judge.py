"""Judging rows: each refusal is a predicate, the first that matches speaks, all in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL

from bailiwick.models import Customer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.engine.action import Refusal

ALLOWED = -1
JUDGE = "SELECT verdict, count(*), array_agg(id)::text FROM ({query}) AS judged (id, verdict) GROUP BY verdict"
LOCK = "SELECT array_agg(id)::text FROM ({query}) AS locked (id)"
PLACE = object()  # stands in a composed statement for what differs from chunk to chunk
CHUNK = "SELECT unnest(customer_ids) FROM bailiwick_selectionchunk WHERE selection_id = %s AND number = %s"


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows, and their ids as PostgreSQL writes an array: they pass through without Python reading them."""

    count: int = 0
    array: str = "{}"

    @property
    def ids(self) -> list[int]:
        """The ids, for who needs to look."""
        return [int(pk) for pk in self.array[1:-1].split(",") if pk]


Statement = tuple[str, tuple[Any, ...]]


class Judge:
    """Locks and judges one chunk after the other; its statements are composed once a job."""

    def __init__(self, rows: QuerySet[Customer], refusals: Sequence[Refusal], *, selection: int) -> None:
        self.refusals = refusals
        self.stands_alone = stand_alone(refusals)
        chosen = rows.filter(pk__in=RawSQL(CHUNK, [selection, PLACE]))  # noqa: S611 -- the text is a constant
        self.locking = chosen.order_by("pk").select_for_update(of=("self",))
        self.fused: dict[tuple[str, ...], Statement] = {}
        if self.stands_alone:
            judged = self.locking
        else:
            self._lock = self.compose(LOCK, self.locking.values_list("pk"))
            judged = rows.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [PLACE]))
        self._judge = self.compose(JUDGE, verdicts(judged, refusals).values_list("pk", "verdict"))

    def judge(self, chunk: int) -> dict[int, Rows]:
        """Locks the chunk's rows in id order, then judges.

        Where a rule looks at other rows these are two statements: in one, a sub-query could see an older snapshot than
        the row that was waited for.
        """
        if self.stands_alone:
            return self.ask(self._judge, chunk)
        locked = _fetch(self._lock, chunk)[0][0] or "{}"
        return self.ask(self._judge, locked)

    @staticmethod
    def ask(statement: Statement, place: int | str, more: Sequence[Any] = ()) -> dict[int, Rows]:
        """Runs a composed statement that ends with the rows of each verdict."""
        return {verdict: Rows(count, array) for verdict, count, array in _fetch(statement, place, more)}

    @staticmethod
    def compose(statement: str, rows: QuerySet[Any]) -> Statement:
        """Puts a query into a statement that names it `query`."""
        query, parameters = rows.query.sql_with_params()
        return statement.format(query=query), parameters


def _fetch(statement: Statement, place: int | str, more: Sequence[Any] = ()) -> list[Any]:
    text, parameters = statement
    with connection.cursor() as cursor:
        cursor.execute(text, [*(place if value is PLACE else value for value in parameters), *more])
        return list(cursor.fetchall())


def stand_alone(refusals: Sequence[Refusal]) -> bool:
    """Whether the refusals look at nothing but the row itself, so that locking and judging may be one statement."""
    joins = len(verdicts(Customer.objects.all(), refusals).query.alias_map) > 1
    return not joins and not any(isinstance(part, Subquery) for refusal in refusals for part in refusal.when.flatten())


def verdicts(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> QuerySet[Any]:
    """Annotates each row with the index of the refusal that speaks, or ALLOWED."""
    whens = [When(refusal.when, then=Value(index)) for index, refusal in enumerate(refusals)]
    if not whens:
        return rows.annotate(verdict=Value(ALLOWED, output_field=IntegerField()))
    return rows.annotate(verdict=Case(*whens, default=Value(ALLOWED), output_field=IntegerField()))


def tally(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> dict[int, int]:
    """Counts the rows of each verdict, in one query."""
    judged = verdicts(rows, refusals).order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict(judged)
