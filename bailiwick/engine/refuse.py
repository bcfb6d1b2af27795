"""What a chunk left alone: a row for each customer, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from bailiwick.engine.judge import ALLOWED
from bailiwick.engine.preview import GONE
from bailiwick.models import Customer, JobRefusal

if TYPE_CHECKING:
    from bailiwick.engine.action import Refusal
    from bailiwick.engine.batch import Batch
    from bailiwick.engine.judge import Rows
    from bailiwick.models import Job

REFUSE = """
INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
SELECT %s, id, name, 'refused', %s, %s FROM bailiwick_customer WHERE id = ANY(%s)
"""
REFUSE_GONE = """
INSERT INTO bailiwick_jobrefusal (job_id, customer_id, customer_name, outcome, code, reason)
SELECT %s, gone, '', 'refused', 'gone', %s FROM bailiwick_selectionchunk, unnest(customer_ids) AS gone
WHERE selection_id = %s AND number = %s AND gone <> ALL(%s::bigint[])
"""


def write_refusals(batch: Batch, size: int) -> None:
    """Writes the chunk's refusals, unless its one statement did; `size` is how many customers the chunk selects."""
    if not batch.refusals_are_written:
        for verdict, rows in batch.judged.items():
            if verdict != ALLOWED:
                _write(batch.job, batch.judge.refusals[verdict], rows)
    if sum(rows.count for rows in batch.judged.values()) < size:
        seen = [pk for rows in batch.judged.values() for pk in rows.ids]
        with connection.cursor() as cursor:
            cursor.execute(REFUSE_GONE, [batch.job.pk, str(GONE), batch.job.selection_id, batch.number, seen])


def _write(job: Job, refusal: Refusal, rows: Rows) -> None:
    if refusal.counting:
        _write_counted(job, refusal, rows)
        return
    with connection.cursor() as cursor:
        cursor.execute(REFUSE, [job.pk, refusal.code, str(refusal.because), rows.array])


def _write_counted(job: Job, refusal: Refusal, rows: Rows) -> None:
    found = Customer.objects.filter(pk__in=rows.ids).order_by("pk").values_list("pk", "name", refusal.counting)
    JobRefusal.objects.bulk_create(
        JobRefusal(
            job=job, customer_id=pk, customer_name=name, code=refusal.code, reason=refusal.counted % {"n": number}
        )
        for pk, name, number in found
    )
