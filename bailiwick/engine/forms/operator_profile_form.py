"""What an operator profile is made of, on its page and over REST (domain 10.1)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bailiwick.access.scope import software_images_for
from bailiwick.engine.forms.fields import DomainField, LongTextField, NameField
from bailiwick.engine.forms.form import DefaultsForm
from bailiwick.engine.operator_profiles import Draft
from bailiwick.models import ProfileKind

if TYPE_CHECKING:
    from bailiwick.models import OperatorProfile

LEAST, MOST = 10, 3_600
KINDS = {ProfileKind.SEGMENT: _("Segment based"), ProfileKind.NETWORK: _("Network based")}


class OperatorProfileForm(DefaultsForm):
    """The settings and the software image that customers' edges get."""

    name = NameField(label=_("Name"), help_text=_("Unique in this installation."))
    description = LongTextField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=list(KINDS.items()),
        initial=ProfileKind.SEGMENT,
        help_text=_("Edges of one kind get no images by a profile of the other."),
    )
    image: forms.Field = forms.ModelChoiceField(
        label=_("Software image"),
        queryset=None,
        required=False,
        empty_label=_("None"),
        error_messages={"invalid_choice": _("There is no such software image, or it is deprecated.")},
    )
    orchestrator_address = forms.CharField(
        label=_("Orchestrator address"),
        max_length=253,
        required=False,
        help_text=_("Name or IP address in the activation links of edges; empty: the address of this portal."),
    )
    heartbeat_seconds = forms.IntegerField(
        label=_("Heartbeat every … seconds"),
        min_value=LEAST,
        max_value=MOST,
        initial=30,
        help_text=_("Two that are missed mark an edge as down."),
    )

    def prepare(self) -> None:
        """Images that are not deprecated, and the one that the profile has."""
        kept = Q(deprecated=False) | Q(pk=self.initial.get("image"))
        self.fields["image"].queryset = software_images_for(self.actor).filter(kept).order_by("name", "-version")  # type: ignore[attr-defined]

    def clean_orchestrator_address(self) -> str:
        """A host name, or an IP address."""
        text = self.cleaned_data["orchestrator_address"].strip()
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            return str(DomainField(required=False).clean(text))


def draft(values: dict[str, Any]) -> Draft:
    """The profile in the words of engine/operator_profiles.py."""
    named = {**values, "image_id": values["image"].pk if values["image"] else None}
    return Draft(**{name: named[name] for name in Draft._fields})


def present(row: OperatorProfile) -> dict[str, Any]:
    """What a form shows of it."""
    return {**Draft.of(row)._asdict(), "image": row.image_id}
