"""What a chunk left alone: a row for each customer, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from bailiwick.engine.judge import ALLOWED, WITHOUT_OUTCOME, told
from bailiwick.models import Customer, JobRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bailiwick.engine.batch import Batch
    from bailiwick.engine.judge import Rows
    from bailiwick.engine.reasons import Refusal
    from bailiwick.models import Job

LONGEST = 500
REFUSE = """
INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
SELECT %s, id, name, 'refused', %s, %s FROM bailiwick_customer WHERE id = ANY(%s)
"""
REFUSE_GONE = f"""
INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
SELECT %(job)s, gone, coalesce(c.name, ''), 'refused', 'gone', %(reason)s FROM ({WITHOUT_OUTCOME}) AS without (gone)
LEFT JOIN bailiwick_customer c ON c.id = gone
  AND (%(partner)s::bigint IS NULL OR c.partner_id = %(partner)s)
  AND (%(customer)s::bigint IS NULL OR c.id = %(customer)s)
"""
# The name of a customer that went to another owner meanwhile is not told.
REFUSE_CHUNK = """
INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
SELECT %(job)s, chosen, coalesce(c.name, ''), 'refused', %(code)s, %(reason)s
FROM bailiwick_selectionchunk s CROSS JOIN unnest(s.customer_ids) AS chosen
LEFT JOIN bailiwick_customer c ON c.id = chosen AND c.deleted_at IS NULL
  AND (%(partner)s::bigint IS NULL OR c.partner_id = %(partner)s)
  AND (%(customer)s::bigint IS NULL OR c.id = %(customer)s)
WHERE s.selection_id = %(selection)s AND s.number = %(number)s
"""


def refuse_chunk(job: Job, number: int, code: str, reason: str) -> None:
    """Refuses every customer of a chunk for the same reason."""
    values: dict[str, Any] = {"job": job.pk, "code": code, "reason": str(reason)[:LONGEST],
              "selection": job.selection_id, "number": number,
              "partner": job.partner_id, "customer": job.customer_id}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_CHUNK, values)


def refuse_lines(job: Job, rows: Iterable[Mapping[str, Any]], found: Mapping[int, tuple[str, str]]) -> None:
    """Writes why lines of an input were not made; `found` is line → code and reason."""
    names = {row["line"]: str(row.get("name", ""))[:255] for row in rows}
    JobRefusal.objects.bulk_create(
        JobRefusal(job=job, line=line, customer_name=names[line], code=code, reason=reason)
        for line, (code, reason) in sorted(found.items())
    )


def settle(batch: Batch) -> int:
    """Writes an outcome for every row of the chunk that has none yet; returns how many were changed."""
    changed, refused = batch.fused[:2] if batch.fused else (batch.rows.count, _write_refusals(batch))
    if changed + refused < batch.size:
        _write_gone(batch)
    return changed


def _write_refusals(batch: Batch) -> int:
    refused = {verdict: rows for verdict, rows in batch.judged.items() if verdict != ALLOWED}
    for verdict, rows in refused.items():
        _write(batch.job, batch.judge.refusals[verdict], rows)
    return sum(rows.count for rows in refused.values())


def _write_gone(batch: Batch) -> None:
    with connection.cursor() as cursor:
        home = {"partner": batch.job.partner_id, "customer": batch.job.customer_id}
        cursor.execute(REFUSE_GONE, {**batch.place, **home, "reason": str(batch.judge.action.gone)})


def _write(job: Job, refusal: Refusal, rows: Rows) -> None:
    if refusal.counting:
        _write_counted(job, refusal, rows)
        return
    with connection.cursor() as cursor:
        cursor.execute(REFUSE, [job.pk, refusal.code, str(refusal.because), rows.array])


def _write_counted(job: Job, refusal: Refusal, rows: Rows) -> None:
    found = Customer.objects.filter(pk__in=rows.ids).order_by("pk").values_list("pk", "name", refusal.counting)
    JobRefusal.objects.bulk_create(
        JobRefusal(job=job, customer_id=pk, customer_name=name, code=refusal.code, **_reason(refusal, counted))
        for pk, name, counted in found
    )


def _reason(refusal: Refusal, counted: int | list[str]) -> dict[str, str]:
    """A number stands in the reason; names stand apart, for who may still read them."""
    sentence = told(refusal, counted)[:LONGEST]
    return {"reason": sentence} if isinstance(counted, int) else {"reason": str(refusal.because), "named": sentence}
