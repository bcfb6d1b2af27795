"""The tenancy self-test: the button that starts it, how far it is, and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bailiwick.engine import self_tests

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request

EARLIER = 20


@require_http_methods(["GET", "HEAD", "POST"])
def self_test(request: Request) -> HttpResponse:
    """The newest run and the earlier ones; a post asks for another."""
    if request.method == "POST":
        run = self_tests.ask(request.actor, now=timezone.now())
        return redirect("self-test-report", run.pk)
    runs = list(self_tests.runs(request.actor)[:EARLIER])
    return render(request, "people/self_test.html", {"run": runs[0] if runs else None, "runs": runs})


@require_safe
def report(request: Request, run_id: int) -> HttpResponse:
    """One run."""
    runs = self_tests.runs(request.actor)
    run = get_object_or_404(runs, pk=run_id)
    return render(request, "people/self_test.html", {"run": run, "runs": list(runs[:EARLIER])})


@require_safe
def live(request: Request, run_id: int) -> HttpResponse:
    """The report alone, for the page that waits; once the run is over it stops asking."""
    run = get_object_or_404(self_tests.runs(request.actor), pk=run_id)
    return render(request, "people/_self_test.html", {"run": run}, status=286 if run.finished_at else 200)
