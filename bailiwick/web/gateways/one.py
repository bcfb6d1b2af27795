"""One gateway: a new one, all that is known of it, and what people say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bailiwick.access.gateways import gateways_for, may_change, require_change, require_management
from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.form import raw_values
from bailiwick.engine.forms.gateway_form import GatewayForm
from bailiwick.fleet.gateway import keys, provisioning
from bailiwick.fleet.issuing import device_door
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of
from bailiwick.web.gateways.words import told
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.fleet.issuing import Issued
    from bailiwick.models import Gateway
    from bailiwick.web.request import Request


class GatewayPage(PageForm, GatewayForm):
    """One of them, on a page."""


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Makes one; the key for its device stands on its page, once."""
    actor = request.actor
    require_management(actor)
    raw = raw_values(GatewayPage, request.POST, actor) if request.method == "POST" else None
    form = GatewayPage(raw, initial=provisioning.beginning(), actor=actor)
    if raw is not None and form.is_valid():
        try:
            row, issued = provisioning.provision(actor, form.cleaned_data, now=timezone.now())
            return shown(request, row, issued=issued)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "gateways/form.html", {"form": form}, status=status_of(form))


@require_safe
def gateway(request: Request, gateway_id: int) -> HttpResponse:
    """All that is known of it."""
    request.actor.require(Permission.GATEWAY_READ)
    return shown(request, one_of(gateways_for(request.actor), gateway_id))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, gateway_id: int) -> HttpResponse:
    """Changes what is said of it."""
    actor = request.actor
    require_management(actor)
    row = one_of(gateways_for(actor), gateway_id)
    require_change(actor, row)
    page: Any = GatewayPage.of(row)
    raw = raw_values(page, request.POST, actor) if request.method == "POST" else None
    form = page(raw, initial=provisioning.facts(row), actor=actor)
    if raw is not None and form.is_valid():
        version = whole_number(request.POST.get("version"))
        try:
            provisioning.change(actor, row.pk, form.cleaned_data, version=version, now=timezone.now())
            return redirect("gateway", row.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "gateways/form.html", {"form": form, "gateway": row}, status=status_of(form))


def shown(request: Request, row: Gateway, *, issued: Issued | None = None, problem: str = "") -> HttpResponse:
    """The page of a gateway; a key that was just made stands on it, once."""
    actor = request.actor
    row = one_of(gateways_for(actor), row.pk)
    is_ours = may_change(actor, row)
    context = {
        **told(row),
        "facts": _facts(row),
        "load": _load(row),
        "issued": issued,
        "door": device_door() if issued else None,
        "open_key": keys.open_key(row.pk) if is_ours else None,
        "may_change": is_ours,
        "may_quiesce": is_ours and actor.may(Permission.GATEWAY_QUIESCE),
        "is_active": row.activation_state in keys.ACTIVE,
        "problem": problem,
    }
    response = render(request, "gateways/gateway.html", context, status=409 if problem else 200)
    response["Cache-Control"] = "no-store"
    return response


def _load(row: Gateway) -> list[tuple[str, int]]:
    """Each part of it in percent."""
    taken = min(100 * row.connected_edges // row.capacity, 100) if row.capacity else 0
    return [
        (_("Edges of its capacity"), taken), (_("Utilization"), row.utilization), (_("CPU"), row.cpu),
        (_("Memory"), row.memory),
    ]  # fmt: skip


def _facts(row: Gateway) -> list[tuple[str, Any]]:
    place = ", ".join(filter(None, (row.street, row.city, row.country)))
    named = [
        (_("Owner"), row.partner or _("The operator")),
        (_("IP address"), row.address),
        (_("Private IP address"), row.private_address),
        (_("IPv6 address"), row.ipv6_address),
        (_("DNS name"), row.dns_name),
        (_("Behind a load balancer"), _("yes") if row.is_load_balanced else _("no")),
        (_("Certificates of edges"), row.get_authentication_display()),
        (_("Place"), place),
        (_("Contact"), " ".join(filter(None, (row.contact_name, row.contact_email)))),
        (_("Capacity"), f"{row.capacity:,}"),
        (_("Connected edges"), f"{row.connected_edges:,}" if row.last_contact_at else ""),
        (_("Software version"), row.software_version),
        (_("Logical ID"), row.logical_id),
    ]
    return [(name, value) for name, value in named if value]
