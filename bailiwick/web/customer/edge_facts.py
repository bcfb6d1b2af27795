"""What people say of an edge: its name, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.edge_form import EdgeFactsForm
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet import provisioning
from bailiwick.web.customer.edges import edge_of, head
from bailiwick.web.customer.inside import opened
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


class FactsPage(PageForm, EdgeFactsForm):
    """The same, on a page."""


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """Changes them; who saves an old page is told what changed meanwhile, and by whom."""
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_UPDATE)
    row = edge_of(request, customer, edge_id)
    begins = {name: getattr(row, name) for name in EdgeFactsForm.base_fields}
    form = FactsPage(request.POST or None, initial=begins, actor=request.actor)
    if request.method == "POST" and form.is_valid() and _saved(request, row.pk, form):
        return redirect("customer-edge", customer.pk, row.pk)
    context = {**head(request.actor, customer, row), "form": form}
    return render(request, "customer/edge_facts.html", context, status=status_of(form))


def _saved(request: Request, edge_id: int, form: FactsPage) -> bool:
    version = whole_number(request.POST.get("version"))
    try:
        provisioning.change(request.actor, edge_id, form.cleaned_data, now=timezone.now(), version=version)
    except InvalidParams as error:
        for field, found in error.errors.items():
            form.add_error(field, found[0]["message"])
    except ValidationError as error:
        form.add_error(None, error)
    return form.is_valid()
