"""An edge of a customer: a new one, and one with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.forms import Select
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bailiwick.access.configuration import profiles
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import edges_for
from bailiwick.engine.forms.edge_form import (
    EdgeAlertsForm,
    EdgeForm,
    EdgeLicenceForm,
    EdgeSoftwareForm,
    KeyMailForm,
    ReactivationForm,
)
from bailiwick.engine.forms.form import InvalidParams, raw_values
from bailiwick.engine.forms.places import countries
from bailiwick.fleet import choosing, issuing, provisioning
from bailiwick.web.customer.inside import around, opened
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.fleet.issuing import Issued
    from bailiwick.models import Customer, Edge, OperatorProfile
    from bailiwick.web.request import Request

LOOKS = {
    "CONNECTED": ("up", gettext_lazy("connected")),
    "DEGRADED": ("degraded", gettext_lazy("degraded")),
    "OFFLINE": ("down", gettext_lazy("offline")),
    "NEVER_ACTIVATED": ("idle", gettext_lazy("not activated")),
    "DISABLED": ("idle", gettext_lazy("deactivated")),
    "EXPIRED": ("down", gettext_lazy("expired")),
}
ACTIVATIONS = {
    "UNASSIGNED": gettext_lazy("Pending"),
    "PENDING": gettext_lazy("Pending"),
    "ACTIVATED": gettext_lazy("Activated"),
    "REACTIVATION_PENDING": gettext_lazy("Reactivation pending"),
}


class EdgePage(PageForm, EdgeForm):
    """A new one, on a page: profiles and licences are those of its customer."""

    def __init__(self, *args: Any, customer: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["profile"].widget = Select(attrs={"class": "form-select"}, choices=profiles(self.actor, customer))
        fields["licence"].queryset = fields["licence"].queryset.filter(customers__customer=customer)


class ReactivationPage(PageForm, ReactivationForm):
    """Another device, on a page."""


class LicencePage(PageForm, EdgeLicenceForm):
    """Another licence, on a page: one of its customer's."""

    def __init__(self, *args: Any, edge: Edge, **options: Any) -> None:
        super().__init__(*args, initial={"licence": edge.licence_type_id}, **options)
        held: Any = self.fields["licence"]
        held.queryset = held.queryset.filter(customers__customer=edge.customer_id)


class SoftwarePage(PageForm, EdgeSoftwareForm):
    """Another software, on a page: what its customer may choose, and what it has."""

    def __init__(self, *args: Any, edge: Edge, **options: Any) -> None:
        super().__init__(*args, initial={"operator_profile": edge.operator_profile_id}, **options)
        field: Any = self.fields["operator_profile"]
        choices = {
            profile.pk: profile for profile in (*choosing.offered(edge.customer), edge.operator_profile) if profile
        }
        field.queryset = field.queryset.filter(pk__in=choices)
        field.label_from_instance = _with_image


class KeyMailPage(PageForm, KeyMailForm):
    """Who gets the key, on a page."""


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, customer_id: int) -> HttpResponse:
    """Makes one, and shows its key: in the dialog over the list, or on a page of its own."""
    actor, customer = request.actor, opened(request, customer_id)
    actor.require(Permission.EDGE_CREATE)
    form = EdgePage(request.POST or None, actor=actor, customer=customer)
    if request.method == "POST" and form.is_valid():
        try:
            raw = raw_values(EdgeForm, request.POST, actor)
            edge, issued = provisioning.provision(actor, customer.pk, raw, now=timezone.now())
            return _made(request, customer, edge, issued)
        except InvalidParams as error:
            for field, found in error.errors.items():
                form.add_error(field, found[0]["message"])
    template = "customer/_new_edge.html" if request.htmx else "customer/new_edge.html"
    context = {**around(actor, customer, "customer-edges"), "form": form}
    return render(request, template, context, status=status_of(form))


def _made(request: Request, customer: Customer, row: Edge, issued: Issued) -> HttpResponse:
    if not request.htmx:
        return shown(request, customer, row, issued=issued)
    context = {"customer": customer, "edge": row, "issued": issued, "door": issuing.device_door()}
    response = render(request, "customer/_new_edge.html", context)
    response["Cache-Control"] = "no-store"
    response["HX-Trigger"] = "edges-changed"
    return response


@require_safe
def edge(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """One of them."""
    customer = opened(request, customer_id)
    return shown(request, customer, edge_of(request, customer, edge_id), done=request.GET.get("done", ""))


def edge_of(request: Request, customer: Customer, edge_id: int) -> Edge:
    """The edge of this customer. Raises Http404."""
    rows = edges_for(request.actor).select_related(
        "customer__operator_profile__image", "operator_profile__image", "licence_type", "contact"
    )
    return one_of(rows.filter(customer_id=customer.pk), edge_id)


def head(actor: Actor, customer: Customer, row: Edge) -> dict[str, Any]:
    """What stands above all that is told of an edge."""
    look, state = LOOKS[row.state]
    return {
        **around(actor, customer, "customer-edges"),
        "edge": row,
        "look": look,
        "state": state,
        "activation": ACTIVATIONS[row.activation_state],
        "may_diagnose": actor.may(Permission.EDGE_DIAGNOSE),
        "may_read_configuration": actor.may(Permission.CONFIGURATION_READ),
    }


def shown(
    request: Request, customer: Customer, row: Edge, *, issued: Issued | None = None, **more: Any
) -> HttpResponse:
    """The page of an edge; a key that was just made stands on it, once."""
    actor = request.actor
    context = {
        **head(actor, customer, row),
        "facts": _facts(row),
        "links": row.contact.links if hasattr(row, "contact") else [],
        "issued": issued,
        "door": issuing.device_door() if issued else None,
        "open_key": issuing.open_key(row.pk),
        "may_update": actor.may(Permission.EDGE_UPDATE),
        "may_delete": actor.may(Permission.EDGE_DELETE),
        **_forms(actor, row),
        **more,
    }
    response = render(request, "customer/edge.html", context, status=409 if more.get("problem") else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def how_to(request: HttpRequest) -> HttpResponse:
    """What the link of an activation mail opens: the key stands behind its #, and is never sent to us."""
    url, pin = issuing.device_door()
    response = render(request, "customer/activate.html", {"url": url, "pin": pin, "portal": settings.PUBLIC_URL})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _forms(actor: Actor, row: Edge) -> dict[str, Any]:
    switches = EdgeAlertsForm(actor=actor).fields
    return {
        **_software(actor, row),
        "licence_form": LicencePage(actor=actor, edge=row),
        "mail_form": KeyMailPage(actor=actor),
        "reactivation_form": ReactivationPage(actor=actor),
        "alerts": [(name, field.label, getattr(row, name)) for name, field in switches.items()],
    }


def _with_image(profile: OperatorProfile) -> str:
    return f"{profile} ({profile.image})" if profile.image else str(profile)


def _software(actor: Actor, row: Edge) -> dict[str, Any]:
    """Which operator profile holds, and why; who may, chooses another."""
    return {
        "operator_profile": row.operator_profile or row.customer.operator_profile,
        "why_closed": choosing.why_closed(actor, row.customer),
        "software_form": SoftwarePage(actor=actor, edge=row),
    }


def _facts(row: Edge) -> list[tuple[str, object]]:
    return [
        (_("Logical id"), row.logical_id),
        (_("Model"), row.model),
        (_("Serial number"), row.serial_number),
        (_("Software version"), row.software_version),
        (_("Licence"), row.licence_type),
        (_("City"), row.city),
        (_("Country"), countries().get(row.country, row.country)),
        (_("Latitude, longitude"), _degrees(row)),
        (_("Time zone"), row.timezone or _("that of its customer")),
    ]


def _degrees(row: Edge) -> str:
    return "" if row.latitude is None or row.longitude is None else f"{row.latitude}, {row.longitude}"
