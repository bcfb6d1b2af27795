"""Edge licences: a type that is made known, and which of them a customer gets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.access.licences import licence_types_for
from bailiwick.engine import licences
from bailiwick.engine.forms import fields
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.forms.row_field import RowsField
from bailiwick.models import LicenceEdition, LicenceRegion

LARGEST_MBPS, LONGEST_MONTHS = 100_000, 120


class LicenceTypeForm(ActionForm):
    """A type that is sold."""

    name = fields.NameField(label=_("Name"))
    bandwidth_mbps = forms.IntegerField(label=_("Bandwidth, Mbit/s"), min_value=1, max_value=LARGEST_MBPS)
    edition = forms.ChoiceField(label=_("Edition"), choices=LicenceEdition.choices)
    region = forms.ChoiceField(label=_("Region"), choices=LicenceRegion.choices)
    term_months = forms.IntegerField(label=_("Term, months"), min_value=1, max_value=LONGEST_MONTHS)


class LicencesForm(ActionForm):
    """The types that a customer has afterwards."""

    licences = RowsField(
        label=_("Edge licences"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A POC licence stands alone; Standard goes with neither Enterprise nor Premium."),
    )

    def prepare(self) -> None:
        """What the actor may give."""
        super().prepare()
        field: Any = self.fields["licences"]
        field.queryset = licence_types_for(self.actor).order_by("name_key")

    def clean_licences(self) -> list[Any]:
        """Only what goes together."""
        chosen = list(self.cleaned_data["licences"])
        if wrong := licences.conflict(chosen):
            raise ValidationError(wrong[1], code=wrong[0])
        return chosen
