"""The plan of a previewed action: customer by customer what changes, a page at a time or as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.names import naming
from bailiwick.engine.preview import planner_of
from bailiwick.web.asked import entry, values
from bailiwick.web.posted import decoded, whole_number
from bailiwick.web.words import differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http.response import HttpResponseBase

    from bailiwick.engine.plan import Line, Plan, Planner
    from bailiwick.web.request import Request
    from bailiwick.web.words import Difference, Naming

OUTCOMES = {
    "changes": gettext_lazy("Changes"),
    "already": gettext_lazy("Already so"),
    "refused": gettext_lazy("Refused"),
}


def planned(request: Request, plan: Plan) -> dict[str, Any]:
    """What the template of a plan shows."""
    names = naming(request.actor)
    return {
        "plan": plan,
        "lines": [(line, _differing(line, names)) for line in plan.lines],
        "previous_page": plan.page - 1,
        "next_page": plan.page + 1 if plan.page < plan.pages else 0,
    }


@require_POST
def page(request: Request, slug: str) -> HttpResponse:
    """Another page of it."""
    try:
        planner = _planner(request, slug)
    except InvalidParams as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
    found = planner.page(whole_number(request.POST.get("page")) or 1)
    return render(request, "actions/_plan.html", {"action": planner.action, **planned(request, found)})


@require_POST
def as_csv(request: Request, slug: str) -> HttpResponseBase:
    """All of it."""
    try:
        planner = _planner(request, slug)
    except InvalidParams as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
    titles = [_("Customer number"), _("Customer"), _("Outcome"), _("Why"), _("What changes"), _("What else happens")]
    headers = {"Content-Disposition": 'attachment; filename="plan.csv"'}
    file = written(Dialect(bom=True), titles, _rows(planner, naming(request.actor)))
    return StreamingHttpResponse(file, content_type="text/csv; charset=utf-8", headers=headers)


def _planner(request: Request, slug: str) -> Planner:
    action = entry(request.actor, slug)
    select = decoded(request.POST.get("select"))
    planner = planner_of(request.actor, action, select=select, raw=values(request, action), now=timezone.now())
    if planner is None:
        raise Http404
    return planner


def _rows(planner: Planner, names: Naming) -> Iterator[tuple[str, ...]]:
    outcomes = {key: str(words) for key, words in OUTCOMES.items()}
    for line in planner.every():
        changes = "; ".join(f"{each.label}: {each.before} → {each.after}" for each in _differing(line, names))
        yield str(line.id), line.customer, outcomes[line.outcome], line.reason, changes, " ".join(line.notes)


def _differing(line: Line, names: Naming) -> list[Difference]:
    return differences(line.before, line.after, names)
