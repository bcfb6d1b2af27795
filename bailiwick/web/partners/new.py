"""The page of a new partner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bailiwick.access.permissions import Permission
from bailiwick.engine import partners
from bailiwick.engine.forms.form import InvalidParams, raw_values
from bailiwick.engine.forms.partner_form import NewPartnerForm
from bailiwick.web.dressed import dressed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Shows the form; a POST makes the partner and leads to its page."""
    actor = request.actor
    actor.require(Permission.PARTNER_CREATE)
    partners.require_open()
    if request.method != "POST":
        return _page(request)
    try:
        made = partners.create(actor, raw_values(NewPartnerForm, request.POST, actor), now=timezone.now())
    except InvalidParams as error:
        return _page(request, error)
    return redirect("partner", made.pk)


def _page(request: Request, error: InvalidParams | None = None) -> HttpResponse:
    form = dressed(NewPartnerForm, request, error)
    return render(request, "partners/new.html", {"form": form}, status=error.status if error else 200)
