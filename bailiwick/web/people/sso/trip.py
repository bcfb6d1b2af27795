"""The browser's way to an identity provider and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bailiwick.access import attempts, login
from bailiwick.access.sso import arrival, journey
from bailiwick.access.sso.claims import NotVouched
from bailiwick.access.sso.providers import living_provider
from bailiwick.web import sessions
from bailiwick.web.people import entrance
from bailiwick.web.people.factor.site import site_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from bailiwick.models import IdentityProvider

KEPT = "single-sign-on"
ANSWER = ("state", "code", "iss", "error")


def leave(request: HttpRequest, provider: IdentityProvider, *, email: str, target: str) -> HttpResponse:
    """A page that goes on by itself: a redirect would be the answer to a form, which may not leave the portal (CSP)."""
    url, kept = journey.begin(provider, back=back_address(request), email=email, target=target, now=timezone.now())
    sessions.drop(request)
    request.session[KEPT] = kept
    request.session.set_expiry(entrance.PATIENCE)
    return render(request, "people/sso/leave.html", {"url": url, "domain": provider.domain})


def back_address(request: HttpRequest) -> str:
    """What is registered with the provider: the same host as now, or the session would not be there."""
    return site_of(request).origin + reverse("sign-in-back")


@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest) -> HttpResponse:
    """Lets in whom the provider vouches for; what went wrong stands in the events, not on the page.

    The provider's answer comes as a GET, which changes nothing here: its page goes on by a form of our own.
    """
    if request.method != "POST":
        answer = {name: request.GET[name] for name in ANSWER if name in request.GET}
        return render(request, "people/sso/back.html", {"answer": answer})
    now, address = timezone.now(), request.META.get("REMOTE_ADDR", "")
    kept = request.session.pop(KEPT, None)
    provider = living_provider(kept["provider"]) if kept else None
    budget = attempts.address(address, purpose="sso")
    if kept is None or provider is None or budget.take(now) > budget.limit:
        return _refused(request)
    try:
        claims = journey.finish(provider, kept, request.POST.dict(), now=now)
        user = arrival.welcome(provider, claims, now=now)
    except NotVouched as refusal:
        login.refuse_vouched(provider, refusal.reason, address=address, now=now)
        return _refused(request)
    budget.give_back()
    return entrance.enter(request, user, now, kept["next"], by="sso")


def _refused(request: HttpRequest) -> HttpResponse:
    values = {"title": _("Single sign-on did not work"), "again": reverse("sign-in")}
    return render(request, "people/sso/refused.html", values, status=401)
