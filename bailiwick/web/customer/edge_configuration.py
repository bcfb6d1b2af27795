"""The configuration of an edge: its profile, what it says otherwise itself, and what its device gets of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bailiwick.access.configuration import profiles
from bailiwick.access.permissions import Permission
from bailiwick.engine.configuration.edges import configure, settings_of
from bailiwick.engine.configuration.effective import effective, merged, modules_of, otherwise, usual
from bailiwick.engine.configuration.kinds import EDGE_SETTINGS, KINDS, MODULES
from bailiwick.engine.configuration.schema import schema_of
from bailiwick.engine.forms.body_form import spelt
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet.assignment import running
from bailiwick.web.customer.configuration import BodyPage, past
from bailiwick.web.customer.edges import edge_of, head
from bailiwick.web.customer.inside import opened
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.models import ConfigurationObject, Customer, Edge
    from bailiwick.web.request import Request


class ProfileForm(PageForm):
    """Which profile the edge has."""

    profile = forms.TypedChoiceField(label=gettext_lazy("Profile"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, choices: list[tuple[Any, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, customer_id: int, edge_id: int) -> HttpResponse:
    """All of it; a POST chooses the profile."""
    customer, edge, settings = _found(request, customer_id, edge_id)
    posted = request.POST if request.method == "POST" and "profile" in request.POST else None
    chosen = {"profile": settings.parent_id if settings else None}
    form = ProfileForm(posted, choices=profiles(request.actor, customer), initial=chosen)
    if request.method == "POST":
        request.actor.require(Permission.CONFIGURATION_UPDATE)
    if posted is not None and form.is_valid():
        try:
            _configure(request, edge, form.cleaned_data["profile"], settings.body if settings else {})
            return redirect("edge-configuration", customer.pk, edge.pk)
        except InvalidParams as error:
            form.add_error(None, _told(error))
    return _shown(request, customer, edge, settings, form)


@require_http_methods(["GET", "HEAD", "POST"])
def module(request: Request, customer_id: int, edge_id: int, module: str) -> HttpResponse:
    """One module as this edge gets it; what is saved otherwise than in its profile is the edge's own."""
    customer, edge, settings = _found(request, customer_id, edge_id)
    request.actor.require(Permission.CONFIGURATION_UPDATE)
    if module not in MODULES:
        raise Http404
    overrides = settings.body if settings else {}
    profile_id = settings.parent_id if settings else None
    below = merged(usual(module), modules_of(customer.pk, profile_id).get(module, {}))
    form = _form(request, customer, module, merged(below, overrides.get(module, {})))
    is_reset = "reset" in request.POST
    if request.method == "POST" and (is_reset or ("says" in request.POST and form.is_valid())):
        others = {name: body for name, body in overrides.items() if name != module}
        over = {} if is_reset else otherwise(below, form.body())
        try:
            _configure(request, edge, profile_id, {**others, module: over} if over else others)
            return redirect("edge-configuration", customer.pk, edge.pk)
        except InvalidParams as error:
            _place(form, module, error)
    context = {**head(request.actor, customer, edge), "is_configuration": True, "form": form, "kind": KINDS[module]}
    context |= {"version": settings.version if settings else 0, "is_overridden": module in overrides}
    return render(request, "customer/edge_module.html", context, status=status_of(form))


def _found(request: Request, customer_id: int, edge_id: int) -> tuple[Customer, Edge, ConfigurationObject | None]:
    request.actor.require(Permission.CONFIGURATION_READ)
    customer = opened(request, customer_id)
    edge = edge_of(request, customer, edge_id)
    return customer, edge, settings_of(request.actor, edge)


def _configure(request: Request, edge: Edge, profile_id: int | None, overrides: Mapping[str, Any]) -> None:
    version = whole_number(request.POST.get("version")) if "version" in request.POST else None
    now = timezone.now()
    configure(request.actor, edge.pk, profile_id=profile_id, overrides=overrides, version=version, now=now)


def _form(request: Request, customer: Customer, slug: str, body: Mapping[str, Any]) -> BodyPage:
    given = request.POST if request.method == "POST" and "says" in request.POST else None
    kind = KINDS[slug]._replace(single=True)  # of an edge there is one, without a name of its own
    return BodyPage(given, actor=request.actor, kind=kind, customer=customer, body=body)


def _place(form: BodyPage, slug: str, error: InvalidParams) -> None:
    for field, found in error.errors.items():
        for each in found:
            name = form.place(each.get("path", "").removeprefix(f"/{slug}")) if field == "body" else None
            form.add_error(name, forms.ValidationError(each["message"], code=each["code"]))


def _told(error: InvalidParams) -> list[forms.ValidationError]:
    return [
        forms.ValidationError(each["message"], code=each["code"]) for found in error.errors.values() for each in found
    ]


def _shown(
    request: Request, customer: Customer, edge: Edge, settings: ConfigurationObject | None, form: ProfileForm
) -> HttpResponse:
    actor, document = request.actor, effective(settings)
    context = {
        **head(actor, customer, edge),
        "is_configuration": True,
        "form": form,
        "row": settings,
        "version": settings.version if settings else 0,
        "profile": document["profile"],
        "modules": [_line(slug, document, settings) for slug in MODULES],
        "document": spelt(document),
        "running": running(edge),
        "may_change": actor.may(Permission.CONFIGURATION_UPDATE),
        "past": past(actor, settings) if settings else [],
        "kind": KINDS[EDGE_SETTINGS],
    }
    return render(request, "customer/edge_configuration.html", context, status=status_of(form))


def _line(slug: str, document: Mapping[str, Any], settings: ConfigurationObject | None) -> dict[str, Any]:
    """A module, and the names of its members that the edge says itself."""
    members = schema_of(slug)["properties"]
    own = (settings.body if settings else {}).get(slug, {})
    titles = [members[name].get("title", name) for name in own]
    return {"kind": KINDS[slug], "own": titles, "is_there": slug in document["modules"]}
