"""The configuration of a customer: what it has of each kind, and a page for each object with its past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.configuration import configuration_for, past_configuration_for
from bailiwick.access.permissions import Permission
from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.clone import blockers_of
from bailiwick.engine.configuration.delegation import is_delegated
from bailiwick.engine.configuration.differences import differences
from bailiwick.engine.configuration.keep import Draft
from bailiwick.engine.configuration.kinds import GROUPS, KINDS, Kind
from bailiwick.engine.forms.body_form import BodyForm, spelt
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.web.customer.inside import around, opened
from bailiwick.web.doorkeeper import error_page
from bailiwick.web.forms import PageForm
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import ConfigurationObject, Customer
    from bailiwick.web.request import Request

TAB = "customer-configuration"
PAST = 20


class BodyPage(PageForm, BodyForm):
    """One of them, on a page."""


@require_safe
def listing(request: Request, customer_id: int) -> HttpResponse:
    """Everything it has, by group; what it has one of stands there also while it is as usual."""
    actor = request.actor
    actor.require(Permission.CONFIGURATION_READ)
    customer = opened(request, customer_id)
    rows = list(configuration_for(actor).filter(customer_id=customer.pk, edge=None).order_by("position", "name_key"))
    groups = [(GROUPS[group], _kinds(actor, group, rows)) for group in GROUPS]
    context = {**around(actor, customer, TAB), "groups": groups, "blockers": blockers_of(customer.pk)}
    return render(request, "customer/configuration.html", context)


def _kinds(actor: Actor, group: str, rows: list[ConfigurationObject], within: str = "") -> list[dict[str, Any]]:
    kinds = [kind for kind in KINDS.values() if kind.group == group and kind.within == within]
    return [
        {
            "kind": kind,
            "rows": [row for row in rows if row.kind == kind.slug],
            "may_change": may_change(actor, kind),
        }
        for kind in kinds
    ]


def may_change(actor: Actor, kind: Kind) -> bool:
    """Whether the actor may write objects of the kind."""
    return actor.may(Permission.CONFIGURATION_OPERATE if kind.of_operator else Permission.CONFIGURATION_UPDATE)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, customer_id: int, slug: str) -> HttpResponse:
    """Makes one; a part of a profile names it in the address."""
    actor, kind = request.actor, KINDS.get(slug)
    if kind is None or kind.group not in GROUPS:
        raise Http404
    keep.require(actor, kind)
    customer = opened(request, customer_id)
    profile = _profile(actor, customer, kind, request)
    form = _form(request, kind, customer)
    if request.method == "POST" and form.is_valid():
        try:
            made = keep.create(actor, customer.pk, kind, _draft(form, profile), now=timezone.now())
            return redirect("configuration-object", customer.pk, made.parent_id or made.local_id)
        except InvalidParams as error:
            _place(form, error)
    return _page(request, customer, kind, form, profile=profile)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: Request, customer_id: int, local_id: int) -> HttpResponse:
    """Shows one, with its parts and its past; a POST changes it."""
    actor = request.actor
    actor.require(Permission.CONFIGURATION_READ)
    customer = opened(request, customer_id)
    row = _one(actor, customer, local_id)
    if row.edge_id:
        return redirect("edge-configuration", customer.pk, row.edge_id)
    kind = KINDS[row.kind]
    form = _form(request, kind, customer, row)
    if request.method == "POST" and form.is_valid():
        draft, version = _draft(form, row), whole_number(request.POST.get("version"))
        try:
            keep.update(actor, customer.pk, row.local_id, draft, version=version, now=timezone.now())
            return redirect("configuration-object", customer.pk, row.local_id)
        except InvalidParams as error:
            _place(form, error)
    return _page(request, customer, kind, form, row=row)


@require_POST
def delete(request: Request, customer_id: int, local_id: int) -> HttpResponse:
    """Removes it with its parts; while others name it, they are named."""
    customer = opened(request, customer_id)
    row = _one(request.actor, customer, local_id)
    try:
        keep.delete(request.actor, customer.pk, row.local_id, now=timezone.now())
    except InvalidParams as error:
        kind = KINDS[row.kind]
        return _page(request, customer, kind, _form(request, kind, customer, row), row=row, problem=str(error))
    return redirect(*(("configuration-object", customer.pk, row.parent_id) if row.parent_id else (TAB, customer.pk)))


@require_POST
def roll_back(request: Request, customer_id: int, local_id: int, version: int) -> HttpResponse:
    """Goes back to what it said before."""
    customer = opened(request, customer_id)
    row = _one(request.actor, customer, local_id)
    try:
        keep.roll_back(request.actor, customer.pk, row.local_id, to=version, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    except InvalidParams as error:
        if row.edge_id:
            return error_page(request, status=error.status, title=_("Nothing was taken back"), detail=str(error))
        kind = KINDS[row.kind]
        return _page(request, customer, kind, _form(request, kind, customer, row), row=row, problem=str(error))
    return redirect("configuration-object", customer.pk, row.local_id)


def _one(actor: Actor, customer: Customer, local_id: int) -> ConfigurationObject:
    try:
        return configuration_for(actor).get(customer_id=customer.pk, local_id=local_id)
    except (ObjectDoesNotExist, OverflowError):
        raise Http404 from None


def _profile(actor: Actor, customer: Customer, kind: Kind, request: Request) -> ConfigurationObject | None:
    return _one(actor, customer, whole_number(request.GET.get("profile"))) if kind.within else None


def _form(request: Request, kind: Kind, customer: Customer, row: ConfigurationObject | None = None) -> BodyPage:
    posted = request.POST if request.method == "POST" and "csrfmiddlewaretoken" in request.POST else None
    initial = {"name": row.name, "position": row.position} if row else {}
    given = posted if posted and "says" in posted else None
    return BodyPage(
        given, actor=request.actor, kind=kind, customer=customer, body=row.body if row else {}, initial=initial
    )


def _draft(form: BodyPage, holder: ConfigurationObject | None) -> Draft:
    """`holder`: the object itself, or the profile of a new part."""
    given = form.cleaned_data
    parent = None if holder is None else holder.local_id if holder.kind == form.kind.within else holder.parent_id
    return Draft(given.get("name", ""), form.body(), parent, given.get("position") or 0)


def _place(form: BodyPage, error: InvalidParams) -> None:
    """Each fault beside its field; what is about the whole, or about a member without one, above all."""
    for field, found in error.errors.items():
        for each in found:
            name = form.place(each.get("path", "")) if field == "body" else field if field in form.fields else None
            form.add_error(name, each["message"])


def _page(
    request: Request,
    customer: Customer,
    kind: Kind,
    form: BodyPage,
    *,
    row: ConfigurationObject | None = None,
    profile: ConfigurationObject | None = None,
    problem: str = "",
) -> HttpResponse:
    actor = request.actor
    context = {
        **around(actor, customer, TAB),
        "kind": kind,
        "form": form,
        "row": row,
        "problem": problem,
        "may_change": may_change(actor, kind) and (row is None or is_delegated(actor, kind, row.body)),
        **(_about(actor, customer, row) if row else {"profile": profile}),
    }
    return render(request, "customer/object.html", context, status=422 if form.errors or problem else 200)


def _about(actor: Actor, customer: Customer, row: ConfigurationObject) -> dict[str, Any]:
    mine = configuration_for(actor).filter(customer_id=customer.pk)
    parts = list(mine.filter(parent_id=row.local_id, edge=None).order_by("position", "name_key"))
    return {
        "profile": mine.filter(local_id=row.parent_id).first() if row.parent_id else None,
        "parts": _kinds(actor, "profiles", parts, within=row.kind),
        "body": spelt(row.body),
        "past": past(actor, row),
        "users": keep.users_of(row),
    }


def past(actor: Actor, row: ConfigurationObject) -> list[dict[str, Any]]:
    """Versions before this one, the newest first, each with what the next one changed."""
    before = past_configuration_for(actor).filter(customer_id=row.customer_id, local_id=row.local_id)
    found, later, shown = list(before.order_by("-version")[:PAST]), row.body, []
    for version in found:
        old, new = differences(version.body, later)
        changes = [{"label": path, "before": _word(old[path]), "after": _word(new[path])} for path in old]
        shown.append({"version": version, "changes": changes})
        later = version.body
    return shown


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return "–" if value is None else str(value)
