"""What is done to an edge on its page: keys, another device, alerts, deactivation and deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.edge_form import EdgeAlertsForm
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.fleet import issuing, provisioning
from bailiwick.fleet.licensing import give_licence
from bailiwick.web.customer.edges import KeyMailPage, LicencePage, ReactivationPage, SoftwarePage, edge_of, shown
from bailiwick.web.customer.inside import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from bailiwick.fleet.issuing import Issued
    from bailiwick.models import Customer, Edge
    from bailiwick.web.request import Request

    Deed = Callable[[Request, Edge], Issued | None]


def _page(request: Request, customer_id: int, edge_id: int, permission: Permission, deed: Deed) -> HttpResponse:
    """Does it, and shows the edge as it is now; what is refused is said on its page."""
    customer = opened(request, customer_id)
    request.actor.require(permission)
    row = edge_of(request, customer, edge_id)
    try:
        issued = deed(request, row)
    except ValidationError as error:
        return shown(request, customer, row, problem=error.messages[0])
    return _after(request, customer, row, issued)


def _after(request: Request, customer: Customer, row: Edge, issued: Issued | None) -> HttpResponse:
    if issued is None:
        return redirect("customer-edge", customer.pk, row.pk)
    return shown(request, customer, edge_of(request, customer, row.pk), issued=issued)


@require_POST
def new_key(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """A new key, shown once."""
    return _page(
        request, customer_id, edge_id, Permission.EDGE_UPDATE,
        lambda asked, row: issuing.issue(asked.actor, row.pk, now=timezone.now()),
    )  # fmt: skip


@require_POST
def mail_key(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """A new key, mailed and shown once."""
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_UPDATE)
    row, form = edge_of(request, customer, edge_id), KeyMailPage(request.POST, actor=request.actor)
    if not form.is_valid():
        return shown(request, customer, row, mail_form=form, problem=form.errors["email"][0])
    to = form.cleaned_data["email"]
    return _page(
        request, customer_id, edge_id, Permission.EDGE_UPDATE,
        lambda asked, found: issuing.issue(asked.actor, found.pk, now=timezone.now(), mail_to=to),
    )  # fmt: skip


@require_POST
def reactivate(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """A key for another device."""
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_UPDATE)
    row, form = edge_of(request, customer, edge_id), ReactivationPage(request.POST, actor=request.actor)
    if not form.is_valid():
        said = next(iter(form.errors.values()))[0]
        return shown(request, customer, row, reactivation_form=form, problem=said)
    serial, model = form.cleaned_data["serial_number"], form.cleaned_data["model"]
    return _page(
        request, customer_id, edge_id, Permission.EDGE_UPDATE,
        lambda asked, found: issuing.request_reactivation(
            asked.actor, found.pk, serial=serial, model=model, now=timezone.now()
        ),
    )  # fmt: skip


@require_POST
def cancel_key(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """The open key dies."""
    return _page(
        request, customer_id, edge_id, Permission.EDGE_UPDATE,
        lambda asked, row: issuing.cancel(asked.actor, row.pk, now=timezone.now()),
    )  # fmt: skip


@require_POST
def alerts(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """Switches one of its alerts, and leaves the other as it is by now."""

    def change(asked: Request, row: Edge) -> None:
        raw = {name: value for name, value in asked.POST.items() if name in EdgeAlertsForm.base_fields}
        given = clean(EdgeAlertsForm, raw, asked.actor)
        wanted = {name: value for name, value in given.items() if name in raw}
        provisioning.change(asked.actor, row.pk, wanted, now=timezone.now())

    return _page(request, customer_id, edge_id, Permission.EDGE_UPDATE, change)


@require_POST
def licence(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """Gives it another one of its customer's."""
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_UPDATE)
    row = edge_of(request, customer, edge_id)
    form = LicencePage(request.POST, actor=request.actor, edge=row)
    if not form.is_valid():
        return shown(request, customer, row, licence_form=form, problem=form.errors["licence"][0])
    give_licence(request.actor, row.pk, form.cleaned_data["licence"], now=timezone.now())
    return redirect("customer-edge", customer.pk, row.pk)


@require_POST
def software(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """Gives it an operator profile of its own, or its customer's default again."""
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_UPDATE)
    row = edge_of(request, customer, edge_id)
    form = SoftwarePage(request.POST, actor=request.actor, edge=row)
    if not form.is_valid():
        return shown(request, customer, row, software_form=form, problem=form.errors["operator_profile"][0])
    try:
        provisioning.change(request.actor, row.pk, form.cleaned_data, now=timezone.now())
    except InvalidParams as error:
        return shown(request, customer, row, problem=error.errors["operator_profile"][0]["message"])
    return redirect("customer-edge", customer.pk, row.pk)


@require_POST
def deactivate(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """Its device is an edge no more."""
    return _page(
        request, customer_id, edge_id, Permission.EDGE_UPDATE,
        lambda asked, row: provisioning.deactivate(asked.actor, row.pk, now=timezone.now()),
    )  # fmt: skip


@require_POST
def delete(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """Removes it."""
    customer = opened(request, customer_id)
    request.actor.require(Permission.EDGE_DELETE)
    row = edge_of(request, customer, edge_id)
    try:
        provisioning.delete(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        return shown(request, customer, row, problem=error.messages[0])
    return redirect("customer-edges", customer.pk)
