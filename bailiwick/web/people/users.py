"""Users and roles: the operator's team, and what each role may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access import attempts, users
from bailiwick.access.permissions import ROLE_LABELS, ROLES, Permission
from bailiwick.access.scope import users_for
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.fields import EmailField, NameField, PhoneField
from bailiwick.web.forms import PageForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.access.actor import Actor
    from bailiwick.models import User
    from bailiwick.web.request import Request


class InviteForm(PageForm):
    """A new member of the team; the password is his to choose."""

    email = EmailField(label=gettext_lazy("E-mail address"))
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    first_name = NameField(label=gettext_lazy("First name"), required=False)
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    phone = PhoneField(label=gettext_lazy("Phone"), required=False)
    mobile = PhoneField(label=gettext_lazy("Mobile"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", gettext_lazy("Choose a role")), *_roles(actor)]  # type: ignore[attr-defined]


class Member(NamedTuple):
    """One row of the team."""

    user: User
    role: Any
    is_locked: bool
    state: str


def _roles(actor: Actor) -> list[tuple[str, Any]]:
    return [(role, ROLE_LABELS[role]) for role in ROLES[actor.level]]


DONE = {
    "invited": gettext_lazy("The invitation is on its way."),
    "disable": gettext_lazy("The user is disabled and signed out everywhere."),
    "enable": gettext_lazy("The user may sign in again."),
    "unlock": gettext_lazy("The user may try again at once."),
    "reset": gettext_lazy("A letter with a link is on its way."),
    "delete": gettext_lazy("The user is removed."),
    "role": gettext_lazy("The user has another role and signs in anew."),
}


@require_safe
def listing(request: Request) -> HttpResponse:
    """The team; whoever may not see it gets the role matrix."""
    if not request.actor.may(Permission.OPERATOR_USER_READ):
        return redirect("roles")
    return _page(request, InviteForm(actor=request.actor))


@require_POST
def invite(request: Request) -> HttpResponse:
    """Adds a user and mails the invitation."""
    request.actor.require(Permission.OPERATOR_USER_CREATE)
    form = InviteForm(request.POST, actor=request.actor)
    if form.is_valid():
        try:
            users.invite(request.actor, users.Person(**form.cleaned_data), now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done("invited")
    return _page(request, form)


CHANGES: dict[str, Callable[..., Any]] = {
    "disable": users.disable,
    "enable": users.enable,
    "unlock": users.unlock,
    "reset": users.send_reset,
    "delete": users.delete,
}


@require_POST
def change(request: Request, user_id: int, what: str) -> HttpResponse:
    """Does one thing to one user; the rules are in access/users.py."""
    if what != "role" and what not in CHANGES:
        raise Http404
    try:
        if what == "role":
            users.change_role(request.actor, user_id, request.POST.get("role", ""), now=timezone.now())
        else:
            CHANGES[what](request.actor, user_id, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        form = InviteForm({}, actor=request.actor)
        form.errors.clear()
        form.add_error(None, [message for messages in error.message_dict.values() for message in messages])
        return _page(request, form)
    return _done(what)


def _done(what: str) -> HttpResponse:
    """The word in the address chooses a sentence of ours; nothing a stranger puts there is shown."""
    return redirect(f"{reverse('users')}?done={what}")


@require_safe
def matrix(request: Request) -> HttpResponse:
    """The permission table itself, by role."""
    request.actor.require(Permission.ROLE_READ)
    roles = [(ROLE_LABELS[role], granted) for by_role in ROLES.values() for role, granted in by_role.items()]
    rows = [(permission.value, [permission in granted for _label, granted in roles]) for permission in Permission]
    return render(request, "people/roles.html", {"roles": [label for label, _granted in roles], "rows": rows})


@require_http_methods(["GET"])
def as_csv(request: Request) -> HttpResponse:
    """The team as a file."""
    request.actor.require(Permission.OPERATOR_USER_READ)
    titles = [_("E-mail"), _("First name"), _("Last name"), _("Role"), _("State"), _("Last sign-in")]
    rows = (
        (
            user.email,
            user.first_name,
            user.last_name,
            str(role),
            str(state),
            user.last_login and user.last_login.isoformat(),
        )
        for user, role, _is_locked, state in _team(request.actor)
    )
    headers = {"Content-Disposition": 'attachment; filename="users.csv"'}
    file = b"".join(written(Dialect(bom=True), titles, rows))
    return HttpResponse(file, content_type="text/csv; charset=utf-8", headers=headers)


def _team(actor: Actor) -> list[Member]:
    """The users with what the page says about each, in two queries."""
    team = list(users_for(actor).order_by("email_key"))
    locked = attempts.locked([user.email_key for user in team], timezone.now())
    return [
        Member(user, ROLE_LABELS.get(user.role, user.role), user.email_key in locked, _state(user, locked))
        for user in team
    ]


def _state(user: User, locked: set[str]) -> str:
    if not user.is_active:
        return _("Disabled")
    if user.email_key in locked:
        return _("Locked")
    return _("Active") if user.has_usable_password() else _("Invited")


def _page(request: Request, form: InviteForm) -> HttpResponse:
    values = {
        "form": form,
        "done": DONE.get(request.GET.get("done", "")),
        "team": _team(request.actor),
        "roles": _roles(request.actor),
        "may_invite": request.actor.may(Permission.OPERATOR_USER_CREATE),
        "may_change": request.actor.may(Permission.OPERATOR_USER_UPDATE),
    }
    return render(request, "people/users.html", values, status=422 if form.errors else 200)
