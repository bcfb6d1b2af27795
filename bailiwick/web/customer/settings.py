"""System settings of a customer: sections that save on their own, and a stale page that loses nobody's change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bailiwick.access.confirmations import contact_of
from bailiwick.access.scope import customers_for
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams, raw_values
from bailiwick.engine.submit import submit
from bailiwick.web.customer.inside import around, opened
from bailiwick.web.customer.sections import Section, section_of, sections
from bailiwick.web.customer.unchangeable import unchangeable
from bailiwick.web.posted import decoded, whole_number

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.models import Customer
    from bailiwick.web.request import Request

SLUG = "modify-customer"


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: Request, customer_id: int) -> HttpResponse:
    """Shows the sections, what the actor may only read below them; a POST saves one of them."""
    actor = request.actor
    if SLUG not in MENU:
        raise Http404
    action = MENU[SLUG]
    if request.method == "POST":
        actor.require(action.permission)
        return _save(request, actor, action, opened(request, customer_id))
    customer = opened(request, customer_id)
    shown = sections(actor, action, customer) if actor.may(action.permission) else []
    return _page(request, actor, customer, shown)


def _save(request: Request, actor: Actor, action: Action, customer: Customer) -> HttpResponse:
    """1. what changed since the section was shown; 2. did another change the same; 3. submit only what changed."""
    section = section_of(request.POST.get("section", ""), actor, action, customer)
    if section is None:
        raise Http404
    posted = raw_values(action.Params, request.POST, actor)
    mine = section.changed(posted, decoded(request.POST.get("base")))
    version = whole_number(request.POST.get("version"))
    try:
        section.refuse_collision(mine, decoded(request.POST.get("base")))
        if mine:
            _submit(actor, action, customer, {**mine, "version": version})
    except InvalidParams as error:
        fresh = opened(request, customer.pk)
        return _again(request, actor, fresh, section.name, posted, mine, error)
    if not request.htmx:
        return redirect("customer-settings", customer.pk)
    return _saved(request, actor, action, opened(request, customer.pk), section.name, bool(mine))


def _submit(actor: Actor, action: Action, customer: Customer, raw: dict[str, Any]) -> None:
    job = submit(actor, action, select={"ids": [customer.pk]}, raw=raw, now=timezone.now())
    if job.error:
        raise InvalidParams.one("section", "failed", job.error)


def _again(
    request: Request,
    actor: Actor,
    customer: Customer,
    name: str,
    posted: dict[str, Any],
    mine: dict[str, Any],
    error: InvalidParams,
) -> HttpResponse:
    """The section as it was posted, with errors beside fields, or with the other's change beside mine."""
    base = decoded(request.POST.get("base"))
    shown = sections(actor, MENU[SLUG], customer)
    for section in shown:
        if section.name == name:
            section.return_to(posted, mine, base, error)
    if not request.htmx:
        return _page(request, actor, customer, shown, status=error.status)
    section = next(each for each in shown if each.name == name)
    return render(request, "customer/_section.html", _context(actor, customer, section), status=error.status)


def _saved(
    request: Request, actor: Actor, action: Action, customer: Customer, name: str, has_changes: bool
) -> HttpResponse:
    section = section_of(name, actor, action, customer)
    context = {**_context(actor, customer, section), "swapped": True}
    response = render(request, "customer/_section.html", context)
    text = _("Saved.") if has_changes else _("Nothing was different.")
    response["HX-Trigger"] = json.dumps({"toast": {"text": text}, "customers-changed": ""})
    return response


def _context(actor: Actor, customer: Customer, section: Section | None) -> dict[str, Any]:
    return {**_around(actor, customer), "section": section}


def _around(actor: Actor, customer: Customer) -> dict[str, Any]:
    contact = contact_of(customer, customers_for(actor))
    return {**around(actor, customer, "customer-settings"), "contact": contact}


def _page(
    request: Request, actor: Actor, customer: Customer, shown: list[Section], *, status: int = 200
) -> HttpResponse:
    context = {**_around(actor, customer), "sections": shown, "unchangeable": unchangeable(actor, customer)}
    return render(request, "customer/settings.html", context, status=status)
