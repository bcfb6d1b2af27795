"""The sign-in page, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bailiwick.access.login import WrongPassword, check
from bailiwick.access.passwords import TooBusy
from bailiwick.access.sso.providers import any_provider, provider_of
from bailiwick.web import sessions
from bailiwick.web.forms import PageForm
from bailiwick.web.people import entrance
from bailiwick.web.people.addresses import safe_next
from bailiwick.web.people.sso.trip import leave

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


WRONG = gettext_lazy(
    "The e-mail address or the password is wrong, or too many tries failed. "
    "Five failures lock an account for 15 minutes."
)


class SignInForm(PageForm):
    """What a stranger says about himself; nothing here tells him whether he guessed half right."""

    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AddressForm(PageForm):
    """The address alone: its domain tells whether there is a password to ask for."""

    email = SignInForm.base_fields["email"]


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Shows the form; lets in whoever knows the password and is not locked."""
    target = safe_next(request.POST.get("next") or request.GET.get("next") or "/")
    if request.method != "POST":
        return redirect(target) if request.user.is_authenticated else _page(request, _first(request), target)
    if "password" not in request.POST:
        return _by_address(request, target)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, target, status=422)
    now = timezone.now()
    try:
        user = check(
            **form.cleaned_data,
            address=request.META.get("REMOTE_ADDR", ""),
            device=sessions.device_of(request),
            now=now,
        )
    except WrongPassword:
        form.add_error(None, WRONG)
        return _page(request, form, target, status=401)
    except TooBusy:
        form.add_error(None, _("Too many people sign in at this moment. Try again in a few seconds."))
        return _page(request, form, target, status=429)
    return entrance.enter(request, user, now, target)


def _first(request: HttpRequest) -> PageForm:
    """One step where everybody has a password; else the address first, or both where the person asks for that."""
    return AddressForm() if "password" not in request.GET and any_provider() else SignInForm()


def _by_address(request: HttpRequest, target: str) -> HttpResponse:
    """Leads to the provider of the domain, or asks for the password; whether the account exists is not looked at."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, form, target, status=422)
    email = form.cleaned_data["email"]
    provider = provider_of(email)
    if provider is not None:
        return leave(request, provider, email=email, target=target)
    asking = SignInForm(initial={"email": email})
    asking.fields["email"].widget.attrs.pop("autofocus")
    asking.fields["password"].widget.attrs["autofocus"] = True
    return _page(request, asking, target)


def _page(request: HttpRequest, form: PageForm, target: str, *, status: int = 200) -> HttpResponse:
    return render(
        request,
        "people/sign_in.html",
        {"form": form, "next": target, "is_first": isinstance(form, AddressForm)},
        status=status,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this session and nothing else."""
    sessions.end(request)
    return redirect("sign-in")
