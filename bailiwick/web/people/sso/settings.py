"""Single sign-on and the second factor of one's own home: what its superuser decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.factor import duty
from bailiwick.access.homes import permission
from bailiwick.access.scope import providers_for
from bailiwick.access.sso import providers
from bailiwick.engine.forms.provider_form import NewProviderForm, ProviderForm
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.people.sso.trip import back_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from bailiwick.models import IdentityProvider
    from bailiwick.web.request import Request


class ProviderPage(PageForm, ProviderForm):
    """One that is there, on a page."""


class NewProviderPage(PageForm, NewProviderForm):
    """A new one, on a page."""


@require_safe
def listing(request: Request) -> HttpResponse:
    """The home's providers, and whether its users must have a second factor."""
    request.actor.require(permission(request.actor.level, "sign-on"))
    values = {
        "providers": list(providers_for(request.actor).order_by("domain")),
        "domain": "" if request.actor.is_operator else providers.own_domain(request.actor),
        "duty": duty.asked_by(request.actor),
        "property": duty.PROPERTY + request.actor.level,
        "back": back_address(request),
    }
    return render(request, "people/sso/list.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Adds one."""
    request.actor.require(permission(request.actor.level, "sign-on"))
    form = NewProviderPage(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            providers.create(request.actor, providers.Draft(**form.cleaned_data), now=timezone.now())
            return redirect("single-sign-on")
        except ValidationError as error:
            _say(form, error)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, provider_id: int) -> HttpResponse:
    """Changes one; of another home's nothing is known."""
    request.actor.require(permission(request.actor.level, "sign-on"))
    row = providers_for(request.actor).filter(pk=provider_id).first()
    if row is None:
        raise Http404
    known = {name: getattr(row, name) for name in providers.SHOWN}
    form = ProviderPage(request.POST or None, initial=known, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            draft, version = providers.Draft(**form.cleaned_data), request.POST.get("version", "")
            number = int(version) if version.isascii() and version.isdigit() else 0
            providers.update(request.actor, row.pk, draft, version=number, now=timezone.now())
            return redirect("single-sign-on")
        except ValidationError as error:
            _say(form, error)
    return _page(request, form, row)


@require_POST
def remove(request: Request, provider_id: int) -> HttpResponse:
    """Takes one away."""
    try:
        providers.delete(request.actor, provider_id, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("single-sign-on")


@require_POST
def compulsory(request: Request) -> HttpResponse:
    """Makes the second factor compulsory for the home's own users, or not."""
    duty.ask(request.actor, required=request.POST.get("value") == "true", now=timezone.now())
    return redirect(reverse("single-sign-on"))


def _say(form: ProviderForm, error: ValidationError) -> None:
    """Beside the field, or on top where the form has no such field."""
    said: Mapping[Any, Any] = error.error_dict if hasattr(error, "error_dict") else {None: error}
    for field, errors in said.items():
        form.add_error(field if field in form.fields else None, errors)


def _page(request: Request, form: ProviderForm, row: IdentityProvider | None) -> HttpResponse:
    domain = "" if request.actor.is_operator else providers.own_domain(request.actor)
    values = {"form": form, "row": row, "domain": row.domain if row else domain, "back": back_address(request)}
    return render(request, "people/sso/provider.html", values, status=status_of(form))
