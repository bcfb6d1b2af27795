"""Judging rows: each refusal is a predicate, the first that matches speaks, all in one query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL

from bailiwick.access.taken import IsTaken

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Change
    from bailiwick.engine.reasons import Refusal
    from bailiwick.models import Customer, Partner

ALLOWED = -1
KEPT = 200
NAMES_TOLD = 10
# Which of a chunk's customers: all, or those of whom nothing is written yet.
CHUNK = """
SELECT unnest(customer_ids) FROM bailiwick_selectionchunk WHERE selection_id = %(selection)s AND number = %(number)s
"""
WITHOUT_OUTCOME = """
SELECT chosen FROM bailiwick_selectionchunk, unnest(customer_ids) AS chosen
WHERE selection_id = %(selection)s AND number = %(number)s
  AND NOT EXISTS (SELECT FROM bailiwick_event e WHERE e.job_id = %(job)s AND e.customer_id = chosen)
  AND NOT EXISTS (SELECT FROM bailiwick_jobrefusal r WHERE r.job_id = %(job)s AND r.customer_id = chosen)
"""
# After the customers: who withdraws has the partner's row alone to itself, and waits for no customer (docs/adr/0028).
HOLD = """
SELECT count(*) FROM (
  SELECT FROM bailiwick_partner WHERE id = ANY(%(partners)s)
    OR id IN (SELECT partner_id FROM bailiwick_customer WHERE id = ANY(%(customers)s::bigint[]))
  ORDER BY id FOR SHARE
) AS held
"""
LOCK = "SELECT coalesce(array_agg(id), '{{}}')::text FROM ({query}) AS locked (id)"
JUDGE = """
WITH chosen (id) AS (SELECT unnest(%(ids)s::bigint[]))
SELECT verdict, count(*), array_agg(id)::text FROM ({query}) AS judged (id, verdict) GROUP BY verdict
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows, and their ids as PostgreSQL writes an array: they pass through without Python reading them."""

    count: int = 0
    array: str = "{}"

    @property
    def ids(self) -> list[int]:
        """The ids, for who needs to look."""
        return [int(pk) for pk in self.array[1:-1].split(",") if pk]


@dataclass(frozen=True)
class Judge:
    """Locks and judges one chunk after the other. Equal judges ask the same, so what they ask is composed once."""

    action: Change
    actor: Actor
    refusals: tuple[Refusal, ...]

    def judge(self, place: Mapping[str, Any], gainer: Partner | None = None) -> dict[int, Rows]:
        """Locks the rows of a chunk in id order, and what their partners or the gainer may give; then judges them.

        These are statements of their own: in one, a rule with a sub-query could see an older snapshot than the row that
        was waited for.
        """
        ids = self.lock(CHUNK, place)
        if self.action.relies_on_grants:
            hold_grants([gainer.pk if gainer else self.actor.partner_id], customers=ids)
        found = _fetch(_judging(self), {"ids": ids})
        return {verdict: Rows(count, array) for verdict, count, array in found}

    def lock(self, chosen: str, place: Mapping[str, Any]) -> str:
        """Locks rows in id order until the end of the transaction; returns their ids."""
        return str(_fetch(f"WITH chosen (id) AS ({chosen}) {_locking(self)}", place)[0][0])

    def among(self, ids: str) -> QuerySet[Customer]:
        """The rows it works on, cut to those of a query for ids without parameters."""
        return self.action.rows(self.actor).filter(pk__in=RawSQL(ids, []))  # noqa: S611 -- the text is a constant


def hold_grants(partners: Collection[int | None], *, customers: str = "{}") -> None:
    """Until the transaction ends nobody withdraws what these partners, and those of the customers, may give."""
    _fetch(HOLD, {"partners": list(partners), "customers": customers})


@lru_cache(maxsize=KEPT)
def stands_alone(judge: Judge) -> bool:
    """Whether the rules look at nothing but the row itself, so that judging and changing may be one statement."""
    joins = len(verdicts(judge.action.rows(judge.actor), judge.refusals).query.alias_map) > 1
    parts = (part for rule in judge.refusals for part in rule.when.flatten())
    return not joins and not any(isinstance(part, Subquery | IsTaken) for part in parts)


@lru_cache(maxsize=KEPT)
def _locking(judge: Judge) -> str:
    locking = judge.among("SELECT id FROM chosen").order_by("pk").select_for_update(of=("self",))
    return LOCK.format(query=literal(*locking.values_list("pk").query.sql_with_params()))


@lru_cache(maxsize=KEPT)
def _judging(judge: Judge) -> str:
    judged = verdicts(judge.among("SELECT id FROM chosen"), judge.refusals).values_list("pk", "verdict")
    return JUDGE.format(query=literal(*judged.query.sql_with_params()))


def literal(query: str, parameters: Sequence[Any]) -> str:
    """A query that stands for itself in a larger statement: its values are written into it by the driver."""
    ours: Any = connection
    return str(ours.ops.compose_sql(query, parameters)).replace("%", "%%")


def _fetch(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def verdicts(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> QuerySet[Any]:
    """Annotates each row with the index of the refusal that speaks, or ALLOWED."""
    whens = [When(refusal.when, then=Value(index)) for index, refusal in enumerate(refusals)]
    if not whens:
        return rows.annotate(verdict=Value(ALLOWED, output_field=IntegerField()))
    return rows.annotate(verdict=Case(*whens, default=Value(ALLOWED), output_field=IntegerField()))


def told(refusal: Refusal, counted: int | list[str]) -> str:
    """The sentence of one row with its number, or with names: of more than ten it is said that there are others."""
    if isinstance(counted, list):
        return refusal.counted % {"n": ", ".join(counted[:NAMES_TOLD]) + " …" * (len(counted) > NAMES_TOLD)}
    return refusal.counted % {"n": counted}


def sentence(rows: QuerySet[Customer], refusals: Sequence[Refusal], index: int, count: int) -> str:
    """What a refusal says of so many rows: of a lone one its number or names."""
    refusal = refusals[index]
    if count > 1 or not refusal.counting:
        return str(refusal.because)
    judged = verdicts(rows, refusals).filter(verdict=index)
    counted = judged.order_by("pk").values_list(refusal.counting, flat=True).first()
    return str(refusal.because) if counted is None else told(refusal, counted)


def tally(rows: QuerySet[Customer], refusals: Sequence[Refusal]) -> dict[int, int]:
    """Counts the rows of each verdict, in one query."""
    judged = verdicts(rows, refusals).order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict(judged)
