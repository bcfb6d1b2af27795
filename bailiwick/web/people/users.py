"""Users: the operators' team, a partner's staff, a customer's administrators, on one page each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access import homes, roles, tokens, users
from bailiwick.access.factor import enrolment
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.person_form import PersonForm
from bailiwick.web.customer.inside import around
from bailiwick.web.forms import PageForm
from bailiwick.web.people.team import headings, rights, rows, team
from bailiwick.web.posted import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.access.homes import Home
    from bailiwick.web.request import Request


class InviteForm(PageForm, PersonForm):
    """A new member of a home, with the roles that the actor may give there."""

    def __init__(self, *args: Any, actor: Actor, home: Home, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        offered = [(role.key, role.label) for role in roles.offered(actor, home)]
        choices = [("", gettext_lazy("Choose a role")), *offered]
        self.fields["role"] = forms.ChoiceField(label=self.fields["role"].label, choices=choices)
        self.fields["role"].widget.attrs["class"] = "form-select"


DONE = {
    "invited": gettext_lazy("The invitation is on its way."),
    "disable": gettext_lazy("The user is disabled and signed out everywhere."),
    "enable": gettext_lazy("The user may sign in again."),
    "unlock": gettext_lazy("The user may try again at once."),
    "reset": gettext_lazy("A letter with a link is on its way."),
    "reset-factor": gettext_lazy(
        "The second factor is removed. The user signs in with the password and sets up another."
    ),
    "delete": gettext_lazy("The user is removed."),
    "end-sessions": gettext_lazy("The user is signed out everywhere."),
    "role": gettext_lazy("The user has another role and signs in anew."),
    "revoked": gettext_lazy("The token is revoked."),
}


@require_safe
def listing(request: Request) -> HttpResponse:
    """The actor's own home; whoever may not see it gets the role matrix."""
    home = homes.own(request.actor)
    if not request.actor.may(homes.permission(home.level, "read")):
        return redirect("roles")
    return _page(request, home)


@require_safe
def of_partner(request: Request, partner_id: int) -> HttpResponse:
    """A partner's staff."""
    return _page(request, _home(request.actor, {"partner": str(partner_id)}))


@require_safe
def of_customer(request: Request, customer_id: int) -> HttpResponse:
    """A customer's administrators."""
    return _page(request, _home(request.actor, {"customer": str(customer_id)}))


@require_POST
def invite(request: Request) -> HttpResponse:
    """Adds a user and mails the invitation."""
    actor = request.actor
    home = _home(actor, request.POST)
    actor.require(homes.permission(home.level, "create"))
    form = InviteForm(request.POST, actor=actor, home=home)
    if form.is_valid():
        try:
            users.invite(actor, users.Person(**form.cleaned_data), home=home, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(f"{address(actor, home)}?done=invited")
    return _page(request, home, form)


CHANGES: dict[str, Callable[..., Any]] = {
    "disable": users.disable,
    "enable": users.enable,
    "unlock": users.unlock,
    "reset": users.send_reset,
    "delete": users.delete,
    "end-sessions": users.end_sessions,
    "reset-factor": enrolment.reset,
}


@require_POST
def change(request: Request, user_id: int, what: str) -> HttpResponse:
    """Does one thing to one user; the rules are in access/users.py."""
    if what != "role" and what not in CHANGES:
        raise Http404
    actor, now = request.actor, timezone.now()
    try:
        if what == "role":
            user = users.change_role(actor, user_id, request.POST.get("role", ""), now=now)
        else:
            user = CHANGES[what](actor, user_id, now=now)
    except ObjectDoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        home = homes.home_of(users.seen(actor, user_id))
        form = InviteForm({}, actor=actor, home=home)
        form.errors.clear()
        form.add_error(None, [message for messages in error.message_dict.values() for message in messages])
        return _page(request, home, form)
    # The word in the address chooses a sentence of ours; nothing a stranger puts there is shown.
    return redirect(f"{address(actor, homes.home_of(user))}?done={what}")


@require_http_methods(["GET"])
def as_csv(request: Request) -> HttpResponse:
    """The team as a file."""
    home = _home(request.actor, request.GET)
    request.actor.require(homes.permission(home.level, "read"))
    file = b"".join(written(Dialect(bom=True), headings(), rows(request.actor, home)))
    return HttpResponse(
        file,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="users.csv"'},
    )


@require_safe
def token_list(request: Request) -> HttpResponse:
    """The living tokens of a home's users."""
    home = _home(request.actor, request.GET)
    found = tokens.of_home(request.actor, home, timezone.now())
    values = {"tokens": found, "home": home, "back": address(request.actor, home), "done": _done(request)}
    return render(request, "people/tokens.html", values)


@require_POST
def revoke_token(request: Request, token_id: int) -> HttpResponse:
    """Ends a token of a user whom the actor looks after."""
    try:
        token = tokens.revoke(request.actor, token_id, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect(f"{reverse('home-tokens')}?{query(homes.home_of(token.user))}&done=revoked")


def address(actor: Actor, home: Home) -> str:
    """The page of the home's users."""
    if home.customer and actor.level != "customer":
        return reverse("customer-users", args=[home.customer.pk])
    if home.partner and actor.level != "partner":
        return reverse("partner-users", args=[home.partner.pk])
    return reverse("users")


def query(home: Home) -> str:
    """The home as an address carries it."""
    if home.customer:
        return f"customer={home.customer.pk}"
    return f"partner={home.partner.pk}" if home.partner else ""


def _home(actor: Actor, asked: Mapping[str, str]) -> Home:
    """The home that an address or a form names; garbage names none that there is."""
    try:
        return homes.find(actor, partner=number(asked.get("partner")), customer=number(asked.get("customer")))
    except (ObjectDoesNotExist, OverflowError):
        raise Http404 from None


def _done(request: Request) -> Any:
    return DONE.get(request.GET.get("done", ""))


def _page(request: Request, home: Home, form: InviteForm | None = None) -> HttpResponse:
    actor = request.actor
    actor.require(homes.permission(home.level, "read"))
    form = form or InviteForm(actor=actor, home=home)
    values = {
        "form": form,
        "done": _done(request),
        "home": home,
        "home_query": query(home),
        "team": team(actor, home),
        "roles": [(role.key, role.label) for role in roles.offered(actor, home)],
        **rights(actor, home),
    }
    is_inside = home.customer is not None and actor.level != "customer"
    if is_inside:
        values |= around(actor, home.customer, "customer-users")  # type: ignore[arg-type]
    page = "customer/users.html" if is_inside else "people/users.html"
    return render(request, page, values, status=422 if form.errors else 200)
