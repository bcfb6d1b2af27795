"""Gateway pools: the list, as a file too, a form for one, its copy and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.gateways import may_change, may_manage, require_change, require_management
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.form import raw_values
from bailiwick.engine.forms.gateway_form import PoolForm
from bailiwick.fleet.gateway import pools
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of
from bailiwick.web.gateways.words import HAND_OFFS, told
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from bailiwick.models import GatewayPool
    from bailiwick.web.request import Request


class PoolPage(PageForm, PoolForm):
    """One of them, on a page."""


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every pool that the actor may give, with what stands in it."""
    actor = request.actor
    actor.require(Permission.GATEWAY_READ)
    rows = [
        (row, HAND_OFFS[row.hand_off], row.usable < pools.FEW)  # type: ignore[attr-defined]
        for row in pools.counted(actor)
    ]
    return render(request, "gateways/pools.html", {"pools": rows, "may_manage": may_manage(actor)})


@require_safe
def as_csv(request: Request) -> HttpResponseBase:
    """The same as CSV."""
    request.actor.require(Permission.GATEWAY_READ)
    heads = [_("Name"), _("Logical ID"), _("Description"), _("Partner"), _("Partner gateways"), _("IPv4"), _("IPv6")]
    heads += [_("Default"), _("Gateways"), _("Names of gateways")]
    rows = map(_cells, pools.counted(request.actor).prefetch_related("gateways"))
    response = StreamingHttpResponse(written(Dialect(), heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="gateway-pools.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Makes one; with `copy` the form begins with another one's settings."""
    actor = request.actor
    require_management(actor)
    copied = gateway_pools_for(actor).filter(pk=whole_number(request.GET.get("copy"))).first()
    begins = {**pools.facts(copied), "name": _("Copy of %(name)s") % {"name": copied.name}} if copied else {}
    raw = raw_values(PoolPage, request.POST, actor) if request.method == "POST" else None
    form = PoolPage(raw, initial=begins or pools.beginning(), actor=actor)
    if raw is not None and form.is_valid():
        try:
            pools.create(actor, form.cleaned_data, now=timezone.now())
            return redirect("gateway-pools")
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: Request, pool_id: int) -> HttpResponse:
    """What stands in it; who may changes it here."""
    actor = request.actor
    actor.require(Permission.GATEWAY_READ)
    row = one_of(gateway_pools_for(actor).select_related("partner"), pool_id)
    if request.method == "POST":
        require_change(actor, row)
    page: Any = PoolPage.of(row)
    raw = raw_values(page, request.POST, actor) if request.method == "POST" else None
    form = page(raw, initial=pools.facts(row), actor=actor)
    if raw is not None and form.is_valid():
        version = whole_number(request.POST.get("version"))
        try:
            pools.update(actor, row.pk, form.cleaned_data, version=version, now=timezone.now())
            return redirect("gateway-pools")
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, form, row)


@require_POST
def delete(request: Request, pool_id: int) -> HttpResponse:
    """Removes one that nobody uses."""
    actor = request.actor
    require_management(actor)
    row = one_of(gateway_pools_for(actor), pool_id)
    require_change(actor, row)
    try:
        pools.delete(actor, row.pk, now=timezone.now())
    except ValidationError as error:
        page: Any = PoolPage.of(row)
        return _page(request, page(initial=pools.facts(row), actor=actor), row, problem=error.messages[0])
    return redirect("gateway-pools")


def _cells(row: GatewayPool) -> tuple[object, ...]:
    names = [each.name for each in row.gateways.all()]
    return (
        row.name, str(row.logical_id), row.description, row.partner.name if row.partner else "", row.hand_off,
        row.has_ipv4, row.has_ipv6, row.is_default, len(names), ", ".join(names),
    )  # fmt: skip


def _page(request: Request, form: PoolForm, row: GatewayPool | None, *, problem: str = "") -> HttpResponse:
    values = {
        "form": form,
        "pool": row,
        "problem": problem,
        "may_change": row is None or may_change(request.actor, row),
        "hand_off": HAND_OFFS[row.hand_off] if row else "",
        "gateways": [told(each) for each in row.gateways.order_by("name_key").prefetch_related("pools")] if row else [],
    }
    return render(request, "gateways/pool.html", values, status=409 if problem else status_of(form))
