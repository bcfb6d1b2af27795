"""What an edge was asked to tell of itself: a request, its file, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.diagnostics import bundles_for
from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.edge_form import DiagnosticsForm
from bailiwick.fleet.diagnostics import asking
from bailiwick.web.customer.edges import edge_of, head
from bailiwick.web.customer.inside import opened
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from bailiwick.models import DiagnosticBundle
    from bailiwick.web.request import Request


class DiagnosticsPage(PageForm, DiagnosticsForm):
    """The same, on a page."""


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """The bundles of an edge, and a request for another."""
    customer, actor = opened(request, customer_id), request.actor
    actor.require(Permission.EDGE_DIAGNOSE)
    row = edge_of(request, customer, edge_id)
    form = DiagnosticsPage(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid() and _asked(request, row.pk, form):
        return redirect("edge-diagnostics", customer.pk, row.pk)
    bundles = bundles_for(actor).filter(edge=row).order_by("-pk")
    context = {**head(actor, customer, row), "form": form, "bundles": bundles, "is_diagnostics": True}
    return render(request, "customer/edge_diagnostics.html", context, status=status_of(form))


@require_safe
def file(request: Request, customer_id: int, edge_id: int, bundle_id: int) -> HttpResponseBase:
    """The file of a complete one; nothing in it is opened by the browser."""
    row = _bundle(request, customer_id, edge_id, bundle_id)
    try:
        taken = asking.download(request.actor, row.pk, home=settings.HOME, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return FileResponse(taken.content, as_attachment=True, filename=taken.name, content_type=asking.MEDIA_TYPE)


@require_POST
def delete(request: Request, customer_id: int, edge_id: int, bundle_id: int) -> HttpResponse:
    """The request is withdrawn, or the file is gone."""
    row = _bundle(request, customer_id, edge_id, bundle_id)
    asking.delete(request.actor, row.pk, home=settings.HOME, now=timezone.now())
    return redirect("edge-diagnostics", customer_id, edge_id)


def _bundle(request: Request, customer_id: int, edge_id: int, bundle_id: int) -> DiagnosticBundle:
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_DIAGNOSE)
    return one_of(bundles_for(request.actor).filter(edge_id=edge_id, customer_id=customer.pk), bundle_id)


def _asked(request: Request, edge_id: int, form: DiagnosticsPage) -> bool:
    try:
        asking.request(request.actor, edge_id, form.cleaned_data, now=timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
    return form.is_valid()
