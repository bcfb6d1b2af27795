"""Before a change that lets somebody in: the password once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bailiwick.access import passwords
from bailiwick.access.factor import duty
from bailiwick.web.forms import PageForm
from bailiwick.web.people.addresses import safe_next

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


class ConfirmForm(PageForm):
    """The present password."""

    current = forms.CharField(
        label=gettext_lazy("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request) -> HttpResponse:
    """Guesses count as at sign-in."""
    target = safe_next(request.POST.get("next") or request.GET.get("next") or "/account/second-factor")
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            passwords.confirm(request.user, form.cleaned_data["current"], now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            request.session["confirmed"] = now.timestamp()
            return redirect(target)
    values = {
        "form": form,
        "next": target,
        "has_password": request.user.has_usable_password(),
        "is_owed": duty.is_owed(request.user, request.session),
    }
    return render(request, "people/factor/confirm.html", values, status=422 if form.errors else 200)
