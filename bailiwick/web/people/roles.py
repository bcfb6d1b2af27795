"""What each role may do, and the roles that a home made itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access import homes, roles
from bailiwick.access.permissions import FIXED, ROLE_LABELS, ROLES, Permission
from bailiwick.access.privileges import privileges
from bailiwick.access.properties import property_value
from bailiwick.access.scope import roles_for
from bailiwick.actions import MENU
from bailiwick.engine.forms.fields import NameField
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.access.privileges import Privilege
    from bailiwick.models import Role
    from bailiwick.web.request import Request


def in_words(permission: str) -> str:
    """`partner-sign-on.manage` as people say it: Partner sign-on, manage."""
    what, _dot, deed = permission.partition(".")
    words = what.replace("-", " ").replace("sign on", "sign-on").replace("api", "API")
    return f"{words[:1].upper()}{words[1:]}, {deed.replace('-', ' ')}"


class RoleForm(PageForm):
    """A role made from one of ours."""

    name = NameField(label=_("Name"), max_length=100)
    base = forms.ChoiceField(label=_("Made from"))
    permissions = forms.MultipleChoiceField(label=_("May do"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.level = actor.level
        held = sorted(actor.permissions - FIXED)
        self.fields["base"].choices = [(name, ROLE_LABELS[name]) for name in ROLES[actor.level]]  # type: ignore[attr-defined]
        self.fields["permissions"].choices = [(each.value, in_words(each)) for each in held]  # type: ignore[attr-defined]

    def draft(self) -> roles.Draft:
        """The role in the words of access/roles.py; what is fixed comes from the role it is made from."""
        data = self.cleaned_data
        fixed = ROLES[self.level][data["base"]] & FIXED
        return roles.Draft(data["name"], data["base"], roles.known(data["permissions"]) | fixed)


@require_safe
def matrix(request: Request) -> HttpResponse:
    """The checked-in privilege table, by role, and the custom roles of the actor's home beside it."""
    actor = request.actor
    actor.require(Permission.ROLE_READ)
    ours = [name for level in _levels(actor) for name in ROLES[level]]
    custom = [role for role in roles.all_of(homes.own(actor)) if role.row]
    lines = [_line(each, ours, custom) for each in privileges() if each.kind in ("action", "permission")]
    values = {
        "roles": [ROLE_LABELS[name] for name in ours] + [role.label for role in custom],
        "actions": [line for line in lines if line["kind"] == "action" and any(line["granted"])],
        "permissions": [line for line in lines if line["kind"] == "permission" and any(line["granted"])],
        "custom": custom,
        "may_test": actor.may(Permission.TENANCY_TEST),
        "may_customize": actor.may(homes.permission(actor.level, "role")) and property_value(roles.SWITCH),
    }
    return render(request, "people/roles.html", values)


def _line(line: Privilege, ours: list[str], custom: list[roles.Given]) -> dict[str, Any]:
    """One row of the page: of an action the one about the actor's own customers."""
    action = MENU.get(line.name) if line.kind == "action" else None
    needed = action.permission if action else line.name
    shown = line.scope in ("", "any", "own")
    granted = [line.words[name] == "yes" for name in ours] + [needed in role.permissions for role in custom]
    return {"kind": line.kind, "name": action.label if action else line.name, "granted": granted if shown else []}


@require_http_methods(["GET", "HEAD", "POST"])
def new_role(request: Request) -> HttpResponse:
    """Makes a custom role; the form begins with the permissions of the role it is made from."""
    actor = request.actor
    _require_open(actor)
    base = request.GET.get("base", "")
    granted = ROLES[actor.level].get(base, frozenset())
    form = RoleForm(request.POST or None, actor=actor, initial={"base": base, "permissions": sorted(granted)})
    if request.method == "POST" and form.is_valid() and _saved(form, actor, None):
        return redirect("roles")
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_role(request: Request, role_id: int) -> HttpResponse:
    """Changes a custom role of the actor's home."""
    actor = request.actor
    _require_open(actor)
    row = _row(actor, role_id)
    form = RoleForm(request.POST or None, actor=actor, initial=_present(row))
    if request.method == "POST" and form.is_valid() and _saved(form, actor, row, request):
        return redirect("roles")
    return _form_page(request, form, row)


@require_POST
def delete_role(request: Request, role_id: int) -> HttpResponse:
    """Removes a role that nobody has."""
    _require_open(request.actor)
    row = _row(request.actor, role_id)
    try:
        roles.delete(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        return _form_page(request, RoleForm(actor=request.actor, initial=_present(row)), row, problem=error.messages[0])
    return redirect("roles")


def _saved(form: RoleForm, actor: Actor, row: Role | None, request: Request | None = None) -> bool:
    try:
        if row is None:
            roles.create(actor, form.draft(), now=timezone.now())
        else:
            version = whole_number(request.POST.get("version") if request else "")
            roles.update(actor, row.pk, form.draft(), version=version, now=timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _require_open(actor: Actor) -> None:
    actor.require(homes.permission(actor.level, "role"))


def _row(actor: Actor, role_id: int) -> Role:
    try:
        return roles_for(actor).get(pk=role_id)
    except (ObjectDoesNotExist, OverflowError):
        raise Http404 from None


def _present(row: Role) -> dict[str, Any]:
    return {"name": row.name, "base": row.base, "permissions": row.permissions}


def _levels(actor: Actor) -> list[str]:
    """The actor's own level and those below."""
    levels = list(ROLES)
    return levels[levels.index(actor.level) :]


def _form_page(request: Request, form: RoleForm, row: Role | None, *, problem: str = "") -> HttpResponse:
    fixed = [in_words(each) for each in sorted(FIXED & request.actor.permissions)]
    values = {"form": form, "role": row, "fixed": fixed, "problem": problem}
    return render(request, "people/role.html", values, status=status_of(form, problem))
