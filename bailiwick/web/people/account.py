"""My account: names, time zone, theme, password and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bailiwick.access import browsers, tokens, users
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import property_value
from bailiwick.access.scope import tokens_for
from bailiwick.access.session_store import stored_key
from bailiwick.engine.forms.fields import NameField, PhoneField, TimeZoneField
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.people.agents import named

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


class AccountForm(PageForm):
    """What a user may say about himself."""

    first_name = NameField(label=gettext_lazy("First name"), required=False, show_hidden_initial=True)
    last_name = NameField(label=gettext_lazy("Last name"), required=False, show_hidden_initial=True)
    phone = PhoneField(label=gettext_lazy("Phone"), required=False, show_hidden_initial=True)
    mobile = PhoneField(label=gettext_lazy("Mobile"), required=False, show_hidden_initial=True)
    timezone = TimeZoneField(label=gettext_lazy("Time zone"), show_hidden_initial=True)


LIVES = [
    (7, gettext_lazy("7 days")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (365, gettext_lazy("12 months")),
]


SCOPES = [("all", gettext_lazy("do everything that I may")), ("read", gettext_lazy("only read"))]


class TokenForm(PageForm):
    """A new token: what it is for, what it may do, and for how long."""

    name = NameField(label=gettext_lazy("What it is for"), max_length=100)
    scope = forms.ChoiceField(label=gettext_lazy("May"), choices=SCOPES, initial="all")
    days = forms.TypedChoiceField(
        label=gettext_lazy("Lives for"),
        coerce=int,
        initial=90,
        choices=LIVES,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Request) -> HttpResponse:
    """Shows and saves one's own facts."""
    form = AccountForm(request.POST or None, initial=_present(request))
    if request.method == "POST" and form.is_valid():
        mine = _mine(request, form)
        if not form.errors:
            users.update_own(request.actor, now=timezone.now(), **mine)
            return redirect(f"{reverse('account')}?saved")
    return _page(request, form, TokenForm())


@require_POST
def create_token(request: Request) -> HttpResponse:
    """Makes a token and shows it, for the only time, in the answer itself: it is kept nowhere else."""
    form = TokenForm(request.POST)
    whole = ""
    if form.is_valid():
        life = timedelta(days=form.cleaned_data["days"])
        name, reads = form.cleaned_data["name"], form.cleaned_data["scope"] == "read"
        whole = tokens.create(request.actor, request.user, name=name, now=timezone.now(), life=life, read_only=reads)
        form = TokenForm()
    return _page(request, AccountForm(initial=_present(request)), form, token=whole)


@require_POST
def revoke_token(request: Request, token_id: int) -> HttpResponse:
    """Ends a token at once."""
    try:
        tokens.revoke(request.actor, token_id, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("account")


@require_POST
def end_session(request: Request, browser_id: int) -> HttpResponse:
    """Signs one of one's own browsers out."""
    try:
        browsers.end(request.actor, browser_id, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("account")


@require_POST
def end_other_sessions(request: Request) -> HttpResponse:
    """Signs out every browser but this one."""
    browsers.end_others(request.actor, request.session.session_key, now=timezone.now())
    return redirect("account")


def _sessions(request: Request) -> list[dict[str, Any]]:
    return [
        {
            "row": each.row,
            "seen_at": each.seen_at,
            "agent": named(each.row.agent),
            "is_this": each.row.session_key == stored_key(str(request.session.session_key)),
        }
        for each in browsers.living(request.actor.user_id, timezone.now())
    ]


def _mine(request: Request, form: AccountForm) -> dict[str, Any]:
    """What was changed on this page; what another window changed meanwhile is neither lost nor overwritten."""
    present, shown = _present(request), {name: request.POST.get(f"initial-{name}") for name in form.fields}
    mine = {name: value for name, value in form.cleaned_data.items() if shown[name] != value}
    for name in [name for name in mine if shown[name] not in (None, present[name]) and mine[name] != present[name]]:
        told = _("You changed this meanwhile, in another window. It is now: %(value)s.") % {"value": present[name]}
        form.add_error(name, ValidationError(told, code="stale"))
    return mine


def _present(request: Request) -> dict[str, Any]:
    return {name: getattr(request.user, name) for name in AccountForm.base_fields}


def _page(request: Request, form: AccountForm, token_form: TokenForm, *, token: str = "") -> HttpResponse:
    values = {
        "form": form,
        "token_form": token_form,
        "token": token,
        "is_saved": "saved" in request.GET,
        "tokens": tokens_for(request.actor).filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("-pk"),
        "sessions": _sessions(request),
        "may_have_tokens": request.actor.may(Permission.TOKEN_OWN),
        "tokens_are_on": property_value("session.options.enableApiTokenAuth"),
    }
    return render(request, "people/account.html", values, status=status_of(form if form.errors else token_form))
