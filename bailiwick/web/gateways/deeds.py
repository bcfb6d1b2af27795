"""What is done with a gateway: a new key, put to rest, quiesced, taken back, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bailiwick.access.gateways import gateways_for, require_change, require_management
from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.form import raw_values
from bailiwick.engine.forms.gateway_form import QuiesceForm
from bailiwick.fleet.gateway import keys, provisioning, quiescing
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of
from bailiwick.web.gateways.one import shown

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.models import Gateway
    from bailiwick.web.request import Request


class QuiescePage(PageForm, QuiesceForm):
    """On a page only what can replace it is offered."""

    def __init__(self, *args: Any, row: Gateway, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["replacement"]
        field.queryset = quiescing.replacements(row)


@require_POST
def key(request: Request, gateway_id: int) -> HttpResponse:
    """A new key; it stands on the page, once."""
    row = _mine(request, gateway_id)
    issued = keys.issue(request.actor, row.pk, now=timezone.now())
    return shown(request, row, issued=issued)


@require_POST
def deactivate(request: Request, gateway_id: int) -> HttpResponse:
    """Its device is a gateway no more."""
    row = _mine(request, gateway_id)
    try:
        provisioning.deactivate(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        return shown(request, row, problem=error.messages[0])
    return redirect("gateway", row.pk)


@require_POST
def delete(request: Request, gateway_id: int) -> HttpResponse:
    """Removes one that nothing uses."""
    row = _mine(request, gateway_id)
    try:
        provisioning.delete(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        return shown(request, row, problem=error.messages[0])
    return redirect("gateways")


@require_http_methods(["GET", "HEAD", "POST"])
def quiesce(request: Request, gateway_id: int) -> HttpResponse:
    """Asks for the replacement and the deadline."""
    actor = request.actor
    actor.require(Permission.GATEWAY_QUIESCE)
    row = one_of(gateways_for(actor), gateway_id)
    raw = raw_values(QuiesceForm, request.POST, actor) if request.method == "POST" else None
    form = QuiescePage(raw, actor=actor, row=row)
    if raw is not None and form.is_valid():
        try:
            quiescing.quiesce(actor, row.pk, **form.cleaned_data, now=timezone.now())
            return redirect("gateway", row.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "gateways/quiesce.html", {"form": form, "gateway": row}, status=status_of(form))


@require_POST
def resume(request: Request, gateway_id: int) -> HttpResponse:
    """In service again."""
    request.actor.require(Permission.GATEWAY_QUIESCE)
    row = one_of(gateways_for(request.actor), gateway_id)
    try:
        quiescing.resume(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        return shown(request, row, problem=error.messages[0])
    return redirect("gateway", row.pk)


def _mine(request: Request, gateway_id: int) -> Gateway:
    """One that the actor may change."""
    require_management(request.actor)
    row = one_of(gateways_for(request.actor), gateway_id)
    require_change(request.actor, row)
    return row
