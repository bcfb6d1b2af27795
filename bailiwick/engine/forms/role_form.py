"""What a custom role is made of, on its page and over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.access import roles
from bailiwick.access.permissions import FIXED, ROLE_LABELS, ROLES, Permission
from bailiwick.engine.forms.fields import NameField
from bailiwick.engine.forms.form import ActionForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.models import Role

EVERY = [(name, ROLE_LABELS[name]) for named in ROLES.values() for name in named]


class RoleForm(ActionForm):
    """A role made from one of ours."""

    name = NameField(label=_("Name"), max_length=100)
    base = forms.ChoiceField(label=_("Made from"), choices=EVERY)
    permissions = forms.MultipleChoiceField(
        label=_("May do"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(each, each) for each in Permission],
    )

    def prepare(self) -> None:
        """The roles of the actor's level; whether he holds the permissions is judged when the role is made."""
        self.fields["base"].choices = [(name, ROLE_LABELS[name]) for name in ROLES[self.actor.level]]  # type: ignore[attr-defined]


def draft(actor: Actor, values: Mapping[str, Any]) -> roles.Draft:
    """The role in the words of access/roles.py; what is fixed comes from the role it is made from."""
    fixed = ROLES[actor.level][values["base"]] & FIXED
    return roles.Draft(values["name"], values["base"], roles.known(values["permissions"]) | fixed)


def present(row: Role) -> dict[str, Any]:
    """What a form shows of a role: without what is fixed, which goes with the role it is made from."""
    chosen = [name for name in row.permissions if name not in FIXED]
    return {"name": row.name, "base": row.base, "permissions": chosen}
