"""Types of edge licences: the list with who has each, as a file too, and making one known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bailiwick.access.licences import licence_types_for
from bailiwick.access.permissions import Permission
from bailiwick.engine import licences
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.licence_form import LicenceTypeForm
from bailiwick.web.forms import PageForm, status_of

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from bailiwick.access.actor import Actor
    from bailiwick.models import LicenceType
    from bailiwick.web.request import Request


class LicencePage(PageForm, LicenceTypeForm):
    """A new one, on a page."""


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every type that the actor may give, with how many of his customers have it."""
    request.actor.require(Permission.LICENCE_READ)
    context = {"types": _used(request.actor), "may_manage": request.actor.may(Permission.LICENCE_MANAGE)}
    return render(request, "profiles/licences.html", context)


@require_safe
def report(request: Request) -> HttpResponseBase:
    """The same as CSV (domain 14.4)."""
    request.actor.require(Permission.LICENCE_READ)
    heads = [_("Name"), _("Bandwidth, Mbit/s"), _("Edition"), _("Region"), _("Term, months"), _("Customers")]
    heads += [_("Edges"), _("Activated edges")]
    rows = (
        (each.name, each.bandwidth_mbps, each.edition, each.region, each.term_months, *used)
        for each, used in _used(request.actor)
    )
    response = StreamingHttpResponse(written(Dialect(), heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="edge-licences.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Makes one known."""
    actor = request.actor
    actor.require(Permission.LICENCE_MANAGE)
    form = LicencePage(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            licences.create(actor, form.cleaned_data, now=timezone.now())
            return redirect("edge-licences")
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "profiles/licence.html", {"form": form}, status=status_of(form))


def _used(actor: Actor) -> list[tuple[LicenceType, licences.Usage]]:
    used = licences.usage(actor)
    return [(each, used.get(each.pk, licences.Usage())) for each in licence_types_for(actor).order_by("name_key")]
