"""What each role may do, and the roles that a home made itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access import homes, roles
from bailiwick.access.permissions import FIXED, ROLE_LABELS, ROLES, Permission
from bailiwick.access.privileges import privileges
from bailiwick.access.properties import property_value
from bailiwick.access.scope import roles_for
from bailiwick.actions import MENU
from bailiwick.engine.forms.role_form import RoleForm, draft, present
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of
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


class RolePage(PageForm, RoleForm):
    """The same with what the actor holds to tick."""

    def prepare(self) -> None:
        """In words; what is fixed comes from the role it is made from."""
        super().prepare()
        held = sorted(self.actor.permissions - FIXED)
        self.fields["permissions"].choices = [(each.value, in_words(each)) for each in held]  # type: ignore[attr-defined]


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
    form = RolePage(request.POST or None, actor=actor, initial={"base": base, "permissions": sorted(granted)})
    if request.method == "POST" and form.is_valid() and _saved(form, actor, None):
        return redirect("roles")
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_role(request: Request, role_id: int) -> HttpResponse:
    """Changes a custom role of the actor's home."""
    actor = request.actor
    _require_open(actor)
    row = one_of(roles_for(actor), role_id)
    form = RolePage(request.POST or None, actor=actor, initial=present(row))
    if request.method == "POST" and form.is_valid() and _saved(form, actor, row, request):
        return redirect("roles")
    return _form_page(request, form, row)


@require_POST
def delete_role(request: Request, role_id: int) -> HttpResponse:
    """Removes a role that nobody has."""
    _require_open(request.actor)
    row = one_of(roles_for(request.actor), role_id)
    try:
        roles.delete(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        return _form_page(request, RolePage(actor=request.actor, initial=present(row)), row, problem=error.messages[0])
    return redirect("roles")


def _saved(form: RolePage, actor: Actor, row: Role | None, request: Request | None = None) -> bool:
    try:
        if row is None:
            roles.create(actor, draft(actor, form.cleaned_data), now=timezone.now())
        else:
            version = whole_number(request.POST.get("version") if request else "")
            roles.update(actor, row.pk, draft(actor, form.cleaned_data), version=version, now=timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _require_open(actor: Actor) -> None:
    actor.require(homes.permission(actor.level, "role"))


def _levels(actor: Actor) -> list[str]:
    """The actor's own level and those below."""
    levels = list(ROLES)
    return levels[levels.index(actor.level) :]


def _form_page(request: Request, form: RolePage, row: Role | None, *, problem: str = "") -> HttpResponse:
    fixed = [in_words(each) for each in sorted(FIXED & request.actor.permissions)]
    values = {"form": form, "role": row, "fixed": fixed, "problem": problem}
    return render(request, "people/role.html", values, status=status_of(form, problem))
