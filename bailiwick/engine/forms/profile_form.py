"""Which operator profile is assigned to customers, or taken away from them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.access.scope import operator_profiles_for
from bailiwick.engine.forms.form import ActionForm, DefaultsForm
from bailiwick.engine.forms.row_field import RowField
from bailiwick.engine.intake.creation import usable_profiles


class UnassignForm(ActionForm):
    """Any that the actor may give, with an old image too."""

    operator_profile = RowField(label=_("Operator profile"), queryset=None, empty_label=_("Choose a profile"))

    def prepare(self) -> None:
        """What the actor may give."""
        self.fields["operator_profile"].queryset = operator_profiles_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]


class AssignForm(DefaultsForm, UnassignForm):
    """None with a deprecated software image."""

    operator_profile = RowField(
        label=_("Operator profile"),
        queryset=None,
        empty_label=_("Choose a profile"),
        error_messages={"invalid_choice": _("There is no such operator profile, or its software image is deprecated.")},
    )
    other_kind = forms.BooleanField(
        label=_("Also where the customer's own profile is of the other kind"),
        required=False,
        help_text=_("Between segment based and network based: edges of the former kind get no further images."),
    )

    def prepare(self) -> None:
        """Only what is still offered."""
        self.fields["operator_profile"].queryset = usable_profiles(self.actor)  # type: ignore[attr-defined]
