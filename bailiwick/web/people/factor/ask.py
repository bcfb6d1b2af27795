"""The second page of a sign-in: a code from the app, a passkey, or a recovery code; and signing in by passkey alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bailiwick.access import attempts
from bailiwick.access.factor import duty, passkey, proof
from bailiwick.web.forms import PageForm
from bailiwick.web.people import entrance
from bailiwick.web.people.addresses import safe_next
from bailiwick.web.people.factor.site import site_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from bailiwick.models import User

CHALLENGE = "passkey-challenge"
WRONG = gettext_lazy(
    "This is not right, was used before, or too many tries failed. Wait for the next code, or use a recovery code. "
    "Five failures lock the account for 15 minutes."
)
WRONG_PASSKEY = gettext_lazy("This passkey was not accepted. Try again, or sign in another way.")


class CodeForm(PageForm):
    """Six digits of the app, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
        help_text=gettext_lazy("Six digits from the authenticator app, or one of your recovery codes."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Lets in who showed the factor; whoever came here without a password starts over."""
    now = timezone.now()
    user = entrance.half_signed_in(request, now)
    if user is None:
        return redirect("sign-in")
    if request.method != "POST":
        return _page(request, user, CodeForm())
    return _by_passkey(request, user, now) if "passkey" in request.POST else _by_code(request, user, now)


def _by_code(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            by = proof.prove_by_code(user, form.cleaned_data["code"], address=_address(request), now=now)
            return _in(request, user, now, by)
        except proof.WrongFactor:
            form.add_error("code", WRONG)
    return _page(request, user, form, status=401)


def _by_passkey(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    state = request.session.pop(CHALLENGE, None)
    try:
        answer = request.POST["passkey"]
        proof.prove_by_passkey(site_of(request), state, answer, user, address=_address(request), now=now)
    except proof.WrongFactor:
        form = CodeForm()
        return _page(request, user, form, problem=WRONG_PASSKEY, status=401)
    return _in(request, user, now, "passkey")


def _in(request: HttpRequest, user: User, now: datetime, by: str) -> HttpResponse:
    half = request.session[entrance.HALF]
    return entrance.admit(request, user, now, half["next"], by=f"{half['by']}, {by}", proved=True)


def _page(request: HttpRequest, user: User, form: CodeForm, *, problem: Any = "", status: int = 200) -> HttpResponse:
    kinds, options = duty.kinds(user), ""
    if passkey.KIND in kinds:
        options, request.session[CHALLENGE] = passkey.ask(site_of(request), user)
    values = {"form": form, "options": options, "has_app": "app" in kinds, "problem": problem}
    return render(request, "people/factor/ask.html", values, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def passkey_alone(request: HttpRequest) -> HttpResponse:
    """Signs in by a passkey that verified the person itself: it is something he has and something he knows or is."""
    now = timezone.now()
    target = safe_next(request.POST.get("next") or request.GET.get("next") or "/")
    if request.method != "POST":
        return redirect(target) if request.user.is_authenticated else _passkey_page(request, target)
    budget = attempts.address(_address(request))
    state = request.session.pop(CHALLENGE, None)
    try:
        if budget.take(now) > budget.limit:
            raise passkey.WrongPasskey  # noqa: TRY301 -- one answer for every refusal
        user = passkey.take(site_of(request), state, request.POST.get("passkey", ""), user=None, now=now)
    except passkey.WrongPasskey:
        return _passkey_page(request, target, problem=WRONG_PASSKEY, status=401)
    budget.give_back()
    return entrance.admit(request, user, now, target, by="passkey", proved=True)


def _passkey_page(request: HttpRequest, target: str, *, problem: Any = "", status: int = 200) -> HttpResponse:
    options, request.session[CHALLENGE] = passkey.ask(site_of(request), None)
    request.session.set_expiry(entrance.PATIENCE)
    values = {"options": options, "next": target, "problem": problem, "title": _("Sign in with a passkey")}
    return render(request, "people/factor/passkey_alone.html", values, status=status)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
