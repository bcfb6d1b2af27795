"""The third page: what would be made and every error; then the job."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import mapping, mapping_memory, sheet, upload
from bailiwick.engine.listing.names import naming
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.web.imports import columns
from bailiwick.web.imports.choose import admitted, chosen_badly
from bailiwick.web.posted import decoded, one_time_key
from bailiwick.web.words import called, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from bailiwick.engine.preview import Preview
    from bailiwick.engine.reasons import Problem
    from bailiwick.web.request import Request

LISTED = 200
COLUMNS_SHOWN = ("name", "account_number", "domain", "contact_email", "city", "state", "country")
# What a row gets that names none is seen before it is made.
GIVEN = ("gateway_pool_id", "operator_profile_id")


@require_http_methods(["GET", "HEAD", "POST"])
def previewed(request: Request, file: uuid.UUID) -> HttpResponse:
    """Reads every row and says what would happen; only the mapping is kept, for the next file like this one."""
    action = admitted(request.actor)
    if request.method != "POST":  # gone back to, or loaded again: what was chosen is asked once more
        return redirect("import-columns", file)
    encoding = columns.told_encoding(request.POST.get("encoding"))
    try:
        page = sheet.read(upload.content_of(request.actor, file), encoding)
    except InvalidParams as error:
        return chosen_badly(request, error)
    chosen: dict[str, Any] = {}
    try:
        chosen = columns.posted(request, page)
        raw = {"file": str(file), "mapping": chosen, "encoding": encoding}
        raw |= columns.besides_of(request)
        found = preview(request.actor, action, select=None, raw=raw, now=timezone.now())
    except InvalidParams as error:
        return chosen_badly(request, error) if "file" in error.errors else _back(request, file, page, chosen, error)
    mapping_memory.remember(request.actor, page.headings, chosen)
    return render(request, "imports/preview.html", _context(request, file, raw, found))


@require_POST
def run(request: Request, file: uuid.UUID) -> HttpResponse:
    """Starts the job."""
    action = admitted(request.actor)
    try:
        raw = _raw(request, file)
        job = submit(request.actor, action, raw=raw, now=timezone.now(), key=one_time_key(request.POST.get("key")))
    except InvalidParams as error:
        return chosen_badly(request, error)
    return redirect("job", job.pk)


@require_POST
def problems_csv(request: Request, file: uuid.UUID) -> HttpResponseBase:
    """Every error of every row, to mend the file with."""
    action = admitted(request.actor)
    try:
        found = preview(request.actor, action, select=None, raw=_raw(request, file), now=timezone.now())
    except InvalidParams as error:
        return chosen_badly(request, error)
    response = StreamingHttpResponse(_lines(found.problems), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="import-errors.csv"'
    return response


def _back(
    request: Request, file: uuid.UUID, page: sheet.Sheet, chosen: dict[str, Any], error: InvalidParams
) -> HttpResponse:
    return columns.shown(request, file, page, chosen or mapping.guess(page.headings), error)


def _raw(request: Request, file: uuid.UUID) -> dict[str, Any]:
    told = decoded(request.POST.get("mapping"))
    if not isinstance(told, dict):
        raise InvalidParams.one("mapping", "wrong_type", _("This form is damaged. Choose the file again."))
    encoding = columns.told_encoding(request.POST.get("encoding"))
    raw = {"file": str(file), "mapping": told, "encoding": encoding}
    return raw | columns.besides_of(request)


def _context(request: Request, file: uuid.UUID, raw: dict[str, Any], found: Preview) -> dict[str, Any]:
    named = [name for name in COLUMNS_SHOWN if any(row["after"].get(name) for row in found.sample)]
    names = naming(request.actor)
    return {
        "file": file,
        "preview": found,
        "problems": [(each, mapping.label(each.field)) for each in found.problems[:LISTED]],
        "headings": [*(mapping.label(name) for name in named), *(label(name) for name in GIVEN)],
        "sample": [
            [*(row["after"].get(name, "") for name in named), *(called(n, row["after"].get(n), names) for n in GIVEN)]
            for row in found.sample
        ],
        "mapping": json.dumps(raw["mapping"]),
        "encoding": raw["encoding"],
        "besides": columns.besides_of(request),
        "key": uuid.uuid4(),
    }


def _lines(problems: Sequence[Problem]) -> Iterator[bytes]:
    rows = ((problem.line, problem.field, problem.code, str(problem.because)) for problem in problems)
    return written(Dialect(), [_("Line"), _("Field"), _("Code"), _("Error")], rows)
