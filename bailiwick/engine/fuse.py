"""A whole chunk in one statement: change what may be changed, tell each change, refuse the rest with its reason.

The rules stand in the UPDATE itself, so PostgreSQL asks them again of the newest version of a row that it had to wait
for, and hands back the values that were really overwritten. A row that slipped away in between (somebody else made it
so, or the server is older than 18 and it is another version) has no outcome yet: it is locked and the same statement
runs again for it. So only columns of the customer itself are changed this way, by rules that look at nothing else.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from django.core.exceptions import FullResultSet
from django.db import connection
from django.db.models import BooleanField

from bailiwick.access.actor import MARK_NOW
from bailiwick.engine.judge import ALLOWED, KEPT, WITHOUT_OUTCOME, Judge, literal, stands_alone, verdicts
from bailiwick.engine.lease import CLAIMED_AND_ENDED, CLOSING, Fenced, terms
from bailiwick.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.engine.batch import Batch

FUSED = """
WITH changed AS (
  UPDATE bailiwick_customer SET {assignments}, version = bailiwick_customer.version + 1, updated_at = %(now)s
  {older} bailiwick_customer.id = ANY({ids}) AND {allowed}
  RETURNING bailiwick_customer.id, bailiwick_customer.name, CASE WHEN %(told)s::boolean
      OR old.partner_access AND bailiwick_customer.partner_access THEN bailiwick_customer.partner_id END AS partner_id,
    {before} AS before
), told AS (
  INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id,
    partner_id, customer_id, subject, before, after)
  SELECT %(now)s, %(event)s, %(category)s, 'INFO', %(actor)s::bigint, %(actor_name)s, %(door)s, %(address)s,
    %(job)s::bigint, partner_id, id, name, before, %(after)s::jsonb
  FROM changed
), {others}refused AS (
  INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
  SELECT %(job)s::bigint, id, name, 'refused', (%(codes)s::text[])[verdict + 1], (%(reasons)s::text[])[verdict + 1]
  FROM (
    SELECT id, name, {verdict} AS verdict FROM bailiwick_customer WHERE bailiwick_customer.id {among} AND {ours}
  ) AS judged WHERE verdict <> {ALLOWED} ORDER BY id
  RETURNING customer_id
), done AS (
  SELECT (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM refused) AS refused, 0 AS failed
), {ending}
"""
COUNTS = "counts AS (SELECT changed, refused, failed FROM done WHERE changed + refused = %(size)s"
# Only the end of a job waits for the disk, and with it for every chunk before.
LAZILY = """set_config('synchronous_commit',
  CASE WHEN %(last)s THEN current_setting('synchronous_commit') ELSE 'off' END, true)"""
ENDING = f"{COUNTS}), {CLOSING} SELECT changed, refused, (SELECT cancelled FROM held), {LAZILY} FROM done"
# All or nothing without a transaction around it: a text that is no boolean ends the statement, and says why in its log.
WHOLE = """CASE (SELECT count(*) FROM held) WHEN 1 THEN (SELECT cancelled FROM held)
  ELSE ('The job, its user or one of its rows is not as it was: ' || changed || ' changes are taken back.')::boolean
END"""
ENDING_WHOLE = f"""
{COUNTS} AND ({MARK_NOW}) = %(mark)s), {CLOSING} SELECT changed, refused, {WHOLE}, {LAZILY} FROM done
"""
ENDING_AT_ONCE = f"{CLAIMED_AND_ENDED} SELECT changed, refused, {WHOLE} FROM done"
CHOSEN = """(
    SELECT customer_ids FROM bailiwick_selectionchunk WHERE selection_id = %(selection)s AND number = %(number)s
  )::bigint[]"""
IDS = f"coalesce(%(ids)s::bigint[], {CHOSEN})"
# Whoever was changed need not be looked up again; with few rows that costs more to plan than it saves.
OTHERS = """others AS MATERIALIZED (
  SELECT id FROM unnest({ids}) AS chosen (id) WHERE NOT EXISTS (SELECT FROM changed WHERE changed.id = chosen.id)
), """
# PostgreSQL 18 names the overwritten version `old` by itself; before, it is the version that the statement read first.
OLDER = "FROM bailiwick_customer AS old WHERE old.id = bailiwick_customer.id AND old.xmin = bailiwick_customer.xmin AND"
NAMES_OLD = 180_000
NEVER = -1
# These stand in the search text too, which is written by a statement of its own.
SEARCHED = frozenset({"name", "account_number", "domain", "contact_name", "city"})


class Fused(NamedTuple):
    """What one statement did; `cancelled` is None where it did not close the chunk."""

    changed: int
    refused: int
    cancelled: bool | None


class Whole(NamedTuple):
    """A statement that does a whole chunk, with the values that are the same for each."""

    text: str
    shared: dict[str, Any]


def fits(judge: Judge, values: Mapping[str, Any]) -> bool:
    """Whether one statement can do it: rules look at the row alone, values and columns are plain."""
    plain = all(isinstance(value, bool | int | str | None) for value in values.values())
    return plain and values.keys() <= _columns().keys() - SEARCHED and stands_alone(judge)


def fuse(batch: Batch, values: Mapping[str, Any]) -> Fused:
    """Writes an outcome for every row of the chunk that is still there, and closes the chunk if that is all of them.

    Raises Fenced where the lease has passed to another worker.
    """
    statement, parameters = composed(batch.judge, tuple(values)), _parameters(batch, values)
    done = _run(statement, parameters | {"ids": None, "size": batch.size})
    if done.changed + done.refused == batch.size:
        if done.cancelled is None:
            raise Fenced
        return done
    slipped_away = batch.judge.lock(WITHOUT_OUTCOME, batch.place)
    rest = _run(statement, parameters | {"ids": slipped_away, "size": NEVER})
    return Fused(done.changed + rest.changed, done.refused + rest.refused, None)


def whole(batch: Batch, values: Mapping[str, Any], *, mark: str | None) -> Whole:
    """The statement of every chunk of the job: all of it while the user's rights have this mark, or an error.

    Without a mark it does the only chunk of a job that nobody has claimed, and claims and ends the job.
    """
    ending = {"ending": ENDING_WHOLE} if mark is not None else {"ending": ENDING_AT_ONCE, "others": ""}
    text = composed(batch.judge, tuple(values), CHOSEN, **ending)
    return Whole(text, _parameters(batch, values) | {"mark": mark})


def fuse_whole(statement: Whole, batch: Batch) -> Fused:
    """Writes an outcome for every row of the chunk and closes it."""
    differing = {"number": batch.number, "size": batch.size, "last": batch.last, "now": batch.now}
    return _run(statement.text, statement.shared | differing)


def _parameters(batch: Batch, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{f"v_{name}": _columns()[name].get_db_prep_save(value, connection) for name, value in values.items()},
        **batch.event_parameters(),
        **batch.place,
        **terms(batch.job, batch.number, last=batch.last),
        "after": json.dumps(dict(values)),
        "codes": [refusal.code for refusal in batch.judge.refusals],
        "reasons": [str(refusal.because) for refusal in batch.judge.refusals],
    }


def _run(statement: str, parameters: Mapping[str, Any]) -> Fused:
    # psycopg's own cursor: the server keeps the plan, where Django's would write the values into the text.
    with connection.cursor() as cursor, connection.wrap_database_errors, psycopg.Cursor(cursor.connection) as plain:
        return Fused(*plain.execute(statement, parameters, prepare=True).fetchall()[0][:3])


@lru_cache(maxsize=KEPT)
def composed(judge: Judge, names: tuple[str, ...], ids: str = IDS, ending: str = ENDING, others: str = OTHERS) -> str:
    """The statement that changes these columns where the judge allows it."""
    ours: Any = connection
    columns = {name: _columns()[name] for name in names}
    judged = verdicts(judge.action.rows(judge.actor), judge.refusals)
    return FUSED.format(
        ALLOWED=ALLOWED,
        ending=ending,
        ids=ids,
        others=others.format(ids=ids),
        among="IN (SELECT id FROM others)" if others else f"= ANY({ids})",
        assignments=", ".join(f"{c.column} = %(v_{n})s::{c.db_type(connection)}" for n, c in columns.items()),
        before=_before(columns),
        older="WHERE" if ours.pg_version >= NAMES_OLD else OLDER,
        allowed=_condition(judged.filter(verdict=ALLOWED).query),
        ours=_condition(judged.query),
        verdict=_written(judged.query, judged.query.annotations["verdict"]),
    )


def _condition(query: Any) -> str:
    """What stands in its WHERE."""
    try:
        return _written(query, query.where)
    except FullResultSet:
        return "true"


def _written(query: Any, part: Any) -> str:
    return literal(*query.get_compiler(connection=connection).compile(part))


def _before(columns: Mapping[str, Any]) -> str:
    """The overwritten values; a lone flag has two of them, which need not be made anew for each row."""
    if len(columns) == 1 and all(isinstance(column, BooleanField) for column in columns.values()):
        ((name, column),) = columns.items()
        yes, no = (f"""'{{"{name}": {value}}}'::jsonb""" for value in ("true", "false"))
        return f"CASE WHEN old.{column.column} THEN {yes} ELSE {no} END"
    values = ", ".join(f"'{name}', old.{column.column}" for name, column in columns.items())
    return f"jsonb_build_object({values})"


@cache
def _columns() -> dict[str, Any]:
    return {field.attname: field for field in Customer._meta.concrete_fields} | {
        field.name: field for field in Customer._meta.concrete_fields
    }
