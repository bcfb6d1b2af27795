"""A whole chunk in one statement: lock, judge, change, event and refusal, where rules and columns allow it.

Old values come from the locked version of a row, never from the statement's snapshot: it may have waited for another
writer. So only columns of the customer itself are changed this way, by rules that look at nothing else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import F

from bailiwick.engine.judge import Judge, Rows, verdicts
from bailiwick.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.engine.batch import Batch

FUSED = """
WITH judged (id, verdict, name, partner_id, {olds}) AS MATERIALIZED ({{query}}),
changed AS (
  UPDATE bailiwick_customer c SET {assignments}, version = c.version + 1, updated_at = %s
  FROM judged j WHERE c.id = j.id AND j.verdict = -1 RETURNING c.id
), told AS (
  INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id,
    partner_id, customer_id, subject, before, after)
  SELECT %s, %s, %s, 'INFO', %s, %s, %s, %s, %s, j.partner_id, j.id, j.name, jsonb_build_object({before}), %s::jsonb
  FROM judged j JOIN changed USING (id)
), refused AS (
  INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
  SELECT %s, id, name, 'refused', (%s::text[])[verdict + 1], (%s::text[])[verdict + 1]
  FROM judged WHERE verdict >= 0
)
SELECT verdict, count(*), array_agg(id)::text FROM judged GROUP BY verdict
"""


def fits(judge: Judge, values: Mapping[str, Any]) -> bool:
    """Whether one statement can do it: rules look at the row alone, values and columns are plain."""
    plain = all(isinstance(value, bool | int | str | None) for value in values.values())
    return judge.stands_alone and plain and values.keys() <= _columns().keys()


def fuse(batch: Batch, values: Mapping[str, Any]) -> dict[int, Rows]:
    """Does the batch's whole chunk; returns the rows of each verdict, all of them written."""
    key = tuple(values)
    if key not in batch.judge.fused:
        batch.judge.fused[key] = _composed(batch.judge, key)
    shared = batch.event_parameters()
    written = [
        *(_columns()[name].get_db_prep_save(value, connection) for name, value in values.items()),
        shared["now"],
        *(shared[name] for name in ("now", "event", "category", "actor", "actor_name", "door", "address", "job")),
        json.dumps(dict(values)),
        shared["job"],
        [refusal.code for refusal in batch.judge.refusals],
        [str(refusal.because) for refusal in batch.judge.refusals],
    ]
    return batch.judge.ask(batch.judge.fused[key], batch.number, written)


def _composed(judge: Judge, names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    olds = {f"old_{name}": F(name) for name in names}
    statement = FUSED.format(
        olds=", ".join(olds),
        assignments=", ".join(f"{_columns()[name].column} = %s" for name in names),
        before=", ".join(f"'{name}', j.old_{name}" for name in names),
    )
    rows = verdicts(judge.locking.annotate(**olds), judge.refusals)
    return judge.compose(statement, rows.values_list("pk", "verdict", "name", "partner_id", *olds))


def _columns() -> dict[str, Any]:
    return {field.attname: field for field in Customer._meta.concrete_fields} | {
        field.name: field for field in Customer._meta.concrete_fields
    }
