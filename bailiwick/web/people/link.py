"""The pages behind a mailed link: looking at one changes nothing, the button uses it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bailiwick.access import links
from bailiwick.access.secret import DeadLink
from bailiwick.web.doorkeeper import error_page
from bailiwick.web.people import entrance
from bailiwick.web.people.passwords import NewPasswordForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from bailiwick.models import Link


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sends the person to the form or button that the link's purpose asks for."""
    try:
        found = links.find(secret, timezone.now())
        if request.method != "POST":
            return _page(request, found, NewPasswordForm())
        if found.purpose == links.SIGN_IN:
            return _sign_in(request, secret)
        return _choose_password(request, secret, found)
    except DeadLink:
        detail = _("It was used already, or it is too old. Ask for a new one on the sign-in page, or ask a Superuser.")
        return error_page(request, status=404, title=_("This link does not work any more"), detail=detail)


def _sign_in(request: HttpRequest, secret: str) -> HttpResponse:
    now = timezone.now()
    user = links.consume(secret, address=request.META.get("REMOTE_ADDR", ""), now=now)
    return entrance.enter(
        request, user, now, "/" if user.has_usable_password() else reverse("first-password"), by="link"
    )


def _choose_password(request: HttpRequest, secret: str, found: Link) -> HttpResponse:
    form = NewPasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    now = timezone.now()
    try:
        password = form.cleaned_data["password"]
        user = links.redeem(secret, password, address=request.META.get("REMOTE_ADDR", ""), now=now)
    except ValidationError as error:
        form.add_error("password", error)
        return _page(request, found, form, status=422)
    return entrance.enter(request, user, now, "/", by="link")


def _page(request: HttpRequest, found: Link, form: NewPasswordForm, *, status: int = 200) -> HttpResponse:
    values = {"form": form, "email": found.user.email, "signs_in": found.purpose == links.SIGN_IN}
    return render(request, "people/link.html", values, status=status)
