"""The refused rows of a job as CSV: what a spreadsheet opens and cannot be tricked by."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.engine.dialect import guarded
from bailiwick.engine.progress import outcomes
from bailiwick.web.jobs.page import job_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.models import Job
    from bailiwick.web.request import Request

CHUNK = 1_000


class Echo:
    """What csv.writer needs of a file: it hands each line back."""

    def write(self, line: str) -> str:
        """Returns the line."""
        return line


@require_safe
def refused_csv(request: Request, job_id: int) -> StreamingHttpResponse:
    """Streams the file in pages of 1,000 rows."""
    job = job_of(request, job_id)
    response = StreamingHttpResponse(_lines(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="job-{job.pk}-refused.csv"'
    return response


def _lines(job: Job) -> Iterator[str]:
    writer: Any = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield writer.writerow([_("Customer"), _("Id"), _("Line"), _("Outcome"), _("Code"), _("Reason")])
    for outcome in ("refused", "failed"):
        after = 0
        while page := outcomes(job, outcome=outcome, after=after, limit=CHUNK):
            yield from (writer.writerow(_cells(row)) for row in page)
            after = page[-1]["position"]


def _cells(row: dict[str, object]) -> list[object]:
    texts = ("outcome", "code", "reason")
    return [
        guarded(str(row["customer"])),
        row["customer_id"],
        row["line"],
        *(guarded(str(row[name])) for name in texts),
    ]
