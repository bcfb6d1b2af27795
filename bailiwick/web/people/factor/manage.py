"""My second factor: what there is, adding an app or a passkey, names, recovery codes, and taking one away."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import segno
from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick import seal
from bailiwick.access.factor import app, duty, enrolment, passkey, recovery
from bailiwick.engine.forms.fields import NameField
from bailiwick.web import sessions
from bailiwick.web.forms import PageForm
from bailiwick.web.people.factor.site import site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from bailiwick.web.request import Request

    View = Callable[..., HttpResponse]

FRESH = timedelta(minutes=10)
NEW_SECRET, NEW_PASSKEY = "new-app", "new-passkey"


class AppForm(PageForm):
    """The proof that the app was set up right."""

    code = forms.CharField(
        label=gettext_lazy("The code that the app shows"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class NameForm(PageForm):
    """What the user calls it."""

    name = NameField(label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("So that you know it again."))


def confirmed(view: View) -> View:
    """Asks once more who it is when the last proof is more than ten minutes old: an open browser is not enough."""

    @wraps(view)
    def asking(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        age = timezone.now().timestamp() - request.session.get("confirmed", 0)
        if age <= FRESH.total_seconds() and request.user.is_native:
            return view(request, *args, **kwargs)
        back = request.path if request.method == "GET" else reverse("second-factor")
        return redirect(f"{reverse('confirm')}?next={quote(back)}")

    return asking


@require_safe
def overview(request: Request) -> HttpResponse:
    """What the user has."""
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def add_app(request: Request) -> HttpResponse:
    """Shows the picture and the secret until a code proves that the app has it."""
    form, secret = AppForm(request.POST or None), _secret(request)
    if request.method == "POST" and form.is_valid():
        code = "".join(form.cleaned_data["code"].split())
        try:
            codes = enrolment.add_app(request.actor, request.user, secret, code, now=timezone.now())
            return _enrolled(request, codes)
        except ValidationError as error:
            form.add_error("code", error)
    picture = segno.make(app.address_of(secret, request.user.email), micro=False).svg_data_uri(scale=5, light="#fff")
    spelled = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    values = {"form": form, "picture": picture, "secret": spelled, "is_owed": _is_owed(request)}
    return render(request, "people/factor/app.html", values, status=422 if form.errors else 200)


def _secret(request: Request) -> str:
    """The same one until it is enrolled, so that a wrong code does not ask for another scan; sealed in the session."""
    owner = app.owner_of(request.user)
    try:
        return seal.unseal(request.session.get(NEW_SECRET, ""), owner=owner)
    except seal.Unreadable:
        secret = app.new_secret()
        request.session[NEW_SECRET] = seal.seal(secret, owner=owner)
        return secret


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def add_passkey(request: Request) -> HttpResponse:
    """Asks the browser to make a passkey, and keeps its public half."""
    form = NameForm(request.POST or None)
    problem: Any = ""
    if request.method == "POST" and form.is_valid():
        state, now = request.session.pop(NEW_PASSKEY, None), timezone.now()
        try:
            answer, name = request.POST.get("passkey", ""), form.cleaned_data["name"]
            row = passkey.made(site_of(request), request.user, state, answer, name=name, now=now)
            return _enrolled(request, enrolment.add_passkey(request.actor, request.user, row, now=now))
        except passkey.WrongPasskey:
            problem = gettext_lazy("The browser's answer could not be used. Try again.")
        except ValidationError as error:
            problem = " ".join(error.messages)
    options, request.session[NEW_PASSKEY] = passkey.ask_new(site_of(request), request.user)
    values = {"form": form, "options": options, "problem": problem, "is_owed": _is_owed(request)}
    return render(request, "people/factor/passkey.html", values, status=422 if form.errors or problem else 200)


def _is_owed(request: Request) -> bool:
    """Whether there is nothing else to go on to."""
    return duty.is_owed(request.user, request.session)


def _enrolled(request: Request, codes: list[str]) -> HttpResponse:
    """All other sessions have ended; this one goes on, and has shown the factor."""
    sessions.renew(request, request.user, timezone.now(), proved=True)
    return _page(request, codes=codes, done=gettext_lazy("Your second factor is set up."))


@require_POST
@confirmed
def renew_codes(request: Request) -> HttpResponse:
    """New recovery codes, shown in this answer only."""
    return _page(request, codes=enrolment.renew_codes(request.actor, request.user, now=timezone.now()))


@require_POST
@confirmed
def change(request: Request, factor_id: int, what: str) -> HttpResponse:
    """Renames or removes one of the user's own."""
    form = NameForm(request.POST)
    try:
        if what == "remove":
            enrolment.remove(request.actor, request.user, factor_id, now=timezone.now())
        elif what == "name":
            if not form.is_valid():
                return _page(request, form=form)
            enrolment.rename(request.user, factor_id, form.cleaned_data["name"])
        else:
            raise Http404
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("second-factor")


def _page(request: Request, *, codes: list[str] | None = None, done: Any = "", form: Any = None) -> HttpResponse:
    factors = list(enrolment.factors_of(request.user))
    values = {
        "factors": factors,
        "has_app": any(factor.kind == app.KIND for factor in factors),
        "codes": codes or [],
        "codes_left": recovery.left(request.user),
        "done": done,
        "form": form,
        "is_required": duty.is_required(request.user),
        "is_owed": _is_owed(request),
        "is_native": request.user.is_native,
    }
    return render(request, "people/factor/overview.html", values, status=422 if form else 200)
