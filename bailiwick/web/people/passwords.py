"""Choosing a password: forgotten, first, or another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bailiwick.access import letters, passwords
from bailiwick.access.actor import NotAllowed
from bailiwick.web import sessions
from bailiwick.web.forms import PageForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


def _new_password(label: Any, **attrs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", **attrs})
    return forms.CharField(label=label, strip=False, widget=widget)


class NewPasswordForm(PageForm):
    """A password, typed twice."""

    password = _new_password(gettext_lazy("New password"), autofocus=True)
    again = _new_password(gettext_lazy("The same again"))

    def clean(self) -> dict[str, Any]:
        """Both must agree (NEW-07)."""
        data = self.cleaned_data
        if "password" in data and "again" in data and data["password"] != data["again"]:
            self.add_error("again", ValidationError(_("The two passwords differ."), code="passwords_differ"))
        return data


class ChangePasswordForm(NewPasswordForm):
    """Asks for the present password first (domain 2.4)."""

    current = forms.CharField(
        label=gettext_lazy("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")


class ForgotForm(PageForm):
    """The address of the account."""

    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: Request) -> HttpResponse:
    """Says the same whether the account exists or not."""
    form = ForgotForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/forgot.html", {"form": form}, status=422 if form.errors else 200)
    letters.send_forgotten(form.cleaned_data["email"], address=request.META.get("REMOTE_ADDR", ""), now=timezone.now())
    return render(request, "people/forgot.html", {"form": form, "sent": True})


@require_http_methods(["GET", "HEAD", "POST"])
def first_password(request: Request) -> HttpResponse:
    """For one who came by a link and has no password yet; whoever has one is asked for it."""
    if request.user.has_usable_password():
        return redirect("change-password")
    return _choose(request, NewPasswordForm)


@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: Request) -> HttpResponse:
    """Changes one's own password; all other sessions end."""
    if not request.user.has_usable_password():
        return redirect("first-password")
    return _choose(request, ChangePasswordForm)


def _choose(request: Request, form_class: type[NewPasswordForm]) -> HttpResponse:
    if not request.user.is_native:
        raise NotAllowed(_("You sign in through your organisation: there is no password here."), code="non_native")
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid() and _set(request, form):
        return redirect("account" if form_class is ChangePasswordForm else "/")
    values = {"form": form, "is_first": form_class is NewPasswordForm}
    return render(request, "people/password.html", values, status=422 if form.errors else 200)


def _set(request: Request, form: NewPasswordForm) -> bool:
    now = timezone.now()
    try:
        passwords.change_own(request.actor, request.user, form.cleaned_data, now=now)
    except ValidationError as error:
        form.add_error(None if hasattr(error, "error_dict") else "password", error)
        return False
    sessions.renew(request, request.user, now)
    return True
