"""The refused rows of a job as CSV: what a spreadsheet opens and cannot be tricked by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.progress import outcomes_for
from bailiwick.web.jobs.page import job_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.access.actor import Actor
    from bailiwick.models import Job
    from bailiwick.web.request import Request

CHUNK = 1_000
COLUMNS = ("customer", "customer_id", "line", "outcome", "code", "reason")


@require_safe
def refused_csv(request: Request, job_id: int) -> StreamingHttpResponse:
    """Streams the file in pages of 1,000 rows."""
    job = job_of(request, job_id)
    headings = [_("Customer"), _("Id"), _("Line"), _("Outcome"), _("Code"), _("Reason")]
    response = StreamingHttpResponse(
        written(Dialect(), headings, _rows(request.actor, job)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="job-{job.pk}-refused.csv"'
    return response


def _rows(actor: Actor, job: Job) -> Iterator[list[object]]:
    for outcome in ("refused", "failed", "already"):
        after = 0
        while page := outcomes_for(actor, job, outcome=outcome, after=after, limit=CHUNK):
            yield from ([row[name] for name in COLUMNS] for row in page)
            after = page[-1]["position"]
