"""Operator profiles: the list with who has each, a form for one, its copy and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import operator_profiles_for
from bailiwick.actions import MENU
from bailiwick.engine import operator_profiles, profile_removal
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.forms.operator_profile_form import KINDS, OperatorProfileForm, draft, present
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of
from bailiwick.web.posted import number, whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.models import OperatorProfile
    from bailiwick.web.request import Request


REMOVING = "unassign-operator-profile"


class ProfilePage(PageForm, OperatorProfileForm):
    """One of them, on a page."""


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every profile, with its image and who has it."""
    actor = request.actor
    actor.require(Permission.OPERATOR_PROFILE_READ)
    rows = list(operator_profiles_for(actor).select_related("image").order_by("name_key"))
    used = operator_profiles.usage_of(row.pk for row in rows)
    shown = [(row, KINDS[row.kind], used[row.pk]) for row in rows]  # type: ignore[index]
    may_manage = actor.may(Permission.OPERATOR_PROFILE_MANAGE)
    return render(request, "profiles/list.html", {"profiles": shown, "may_manage": may_manage})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Makes one; with `copy` the form begins with another one's settings."""
    actor = request.actor
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    copied = operator_profiles_for(actor).filter(pk=whole_number(request.GET.get("copy"))).first()
    begins = {**present(copied), "name": _("Copy of %(name)s") % {"name": copied.name}} if copied else {}
    form = ProfilePage(request.POST or None, initial=begins, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            operator_profiles.create(actor, draft(form.cleaned_data), now=timezone.now())
            return redirect("operator-profiles")
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, profile_id: int) -> HttpResponse:
    """Changes one."""
    actor = request.actor
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    row = one_of(operator_profiles_for(request.actor), profile_id)
    form = ProfilePage(request.POST or None, initial=present(row), actor=actor)
    if request.method == "POST" and form.is_valid():
        version = whole_number(request.POST.get("version"))
        try:
            operator_profiles.update(actor, row.pk, draft(form.cleaned_data), version=version, now=timezone.now())
            return redirect("operator-profiles")
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, form, row)


@require_POST
def delete(request: Request, profile_id: int) -> HttpResponse:
    """Removes one that nobody has; who has it is said on its page."""
    request.actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    row = one_of(operator_profiles_for(request.actor), profile_id)
    try:
        operator_profiles.delete(request.actor, row.pk, now=timezone.now())
    except ValidationError as error:
        form = ProfilePage(initial=present(row), actor=request.actor)
        return _page(request, form, row, problem=error.messages[0])
    return redirect("operator-profiles")


@require_POST
def remove(request: Request, profile_id: int) -> HttpResponse:
    """Takes it off all customers that may choose it and all partners, and leads to the job that does so."""
    actor = request.actor
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    row, confirm = one_of(operator_profiles_for(request.actor), profile_id), number(request.POST.get("confirm"))
    try:
        found = profile_removal.remove(actor, MENU[REMOVING], row.pk, confirm=confirm, now=timezone.now())  # type: ignore[arg-type]
    except InvalidParams as error:
        form = ProfilePage(initial=present(row), actor=actor)
        return _page(request, form, row, problem=error.errors["confirm"][0]["message"])
    return redirect("job", found.job.pk) if found.job else redirect("operator-profiles")


def _page(request: Request, form: ProfilePage, row: OperatorProfile | None, *, problem: str = "") -> HttpResponse:
    values: dict[str, Any] = {"form": form, "profile": row, "problem": problem}
    if row and request.actor.may(MENU[REMOVING].permission):
        values["customers"], values["partners"] = profile_removal.held_by(request.actor, row.pk)
        values["held"] = values["customers"] + values["partners"]
    return render(request, "profiles/profile.html", values, status=status_of(form, problem))
