"""What is said of a new edge, of a device that replaces another, and of an edge's alerts: on pages and over REST."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.access.licences import licence_types_held
from bailiwick.access.software import profiles_held
from bailiwick.engine.forms.fields import CountryField, EmailField, NameField, TimeZoneField
from bailiwick.engine.forms.form import ActionForm, DefaultsForm
from bailiwick.engine.forms.row_field import RowField
from bailiwick.models import BundleKind

LENGTH = 64
MODELS = (
    "edge500", "edge5X0", "edge510", "edge510lte", "edge515", "edge6X0", "edge610lte", "edge840", "edge1000",
    "edge1000qat", "edge3X00", "edge3X10", "virtual",
)  # fmt: skip
MODEL_CHOICES = [(model, model) for model in MODELS]


class EdgeFactsForm(ActionForm):
    """What an edge is called, and where it stands."""

    name = NameField(label=_("Name"), help_text=_("Unique among the edges of the customer."))
    city = NameField(label=_("City"), required=False)
    country = CountryField(label=_("Country"), required=False)
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    timezone = TimeZoneField(
        label=_("Time zone"),
        required=False,
        empty_label=_("That of its customer"),
        help_text=_("Its night is when roll-outs may upgrade it."),
    )

    def clean(self) -> dict[str, Any]:
        """A place on the map takes both."""
        values = super().clean() or {}
        for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if values.get(name) is None and values.get(other) is not None and name not in self.errors:
                self.add_error(name, ValidationError(_("Latitude and longitude belong together."), code="required"))
        return values


class EdgeForm(EdgeFactsForm, DefaultsForm):
    """A new edge."""

    field_order = ("name", "model", "serial_number")
    model = forms.ChoiceField(label=_("Model"), choices=MODEL_CHOICES, initial="virtual")
    serial_number = NameField(
        label=_("Serial number"),
        max_length=LENGTH,
        required=False,
        help_text=_("When it is given, no other device can use the activation key. Capitals count."),
    )
    profile = forms.IntegerField(
        label=_("Profile"), required=False, min_value=1, max_value=2**31 - 1, help_text=_("What it is configured with.")
    )
    licence = RowField(
        label=_("Licence"),
        queryset=None,
        required=False,
        help_text=_("One of its customer's. A customer that has a single one gives it to each edge."),
    )

    def prepare(self) -> None:
        """Licences of the actor's customers; whether this customer has it is asked when the edge is made."""
        self.fields["licence"].queryset = licence_types_held(self.actor)  # type: ignore[attr-defined]


class ReactivationForm(ActionForm):
    """The device that takes the place of the present one."""

    serial_number = NameField(
        label=_("Serial number of the new device"),
        max_length=LENGTH,
        required=False,
        help_text=_("When it is given, no other device can use the key. Capitals count."),
    )
    model = forms.ChoiceField(
        label=_("Model of the new device"),
        choices=[("", _("As before")), *MODEL_CHOICES],
        required=False,
        help_text=_("With another model the edge loses what it says otherwise than its profile."),
    )


class KeyMailForm(ActionForm):
    """Who gets the activation key."""

    email = EmailField(label=_("E-mail"), max_length=254)


class EdgeLicenceForm(ActionForm):
    """Which of its customer's licences an edge has."""

    licence = RowField(label=_("Licence"), queryset=None)

    def prepare(self) -> None:
        """As for a new edge."""
        self.fields["licence"].queryset = licence_types_held(self.actor)  # type: ignore[attr-defined]


class EdgeAlertsForm(ActionForm):
    """Who is told when the edge is not heard."""

    alerts_enabled = forms.BooleanField(label=_("Customer alerts"), required=False)
    operator_alerts_enabled = forms.BooleanField(label=_("Pre-notifications"), required=False)

    def prepare(self) -> None:
        """Pre-notifications are the operator's own."""
        if not self.actor.is_operator:
            del self.fields["operator_alerts_enabled"]


class EdgeSoftwareForm(ActionForm):
    """Which software an edge has of its own."""

    operator_profile = RowField(
        label=_("Operator profile"),
        queryset=None,
        required=False,
        empty_label=_("The customer's default"),
        help_text=_("It brings the software image. Without one of its own an edge has its customer's default."),
    )

    def prepare(self) -> None:
        """Those of the actor's customers; whether this customer may choose it is asked when it is given."""
        self.fields["operator_profile"].queryset = profiles_held(self.actor)  # type: ignore[attr-defined]


class DiagnosticsForm(ActionForm):
    """What an edge is asked to tell of itself."""

    kind = forms.ChoiceField(label=_("Kind"), choices=BundleKind, initial=BundleKind.PLAIN)
    interface = NameField(
        label=_("Interface"), max_length=LENGTH, required=False, help_text=_("Of a packet capture: whose packets.")
    )
    seconds = forms.IntegerField(
        label=_("Seconds"),
        required=False,
        min_value=1,
        max_value=120,
        help_text=_("Of a packet capture: how long, at most 120."),
    )

    def clean(self) -> dict[str, Any]:
        """A capture has an interface and an end; a plain bundle has neither."""
        values = super().clean() or {}
        if values.get("kind") == BundleKind.CAPTURE:
            for name in ("interface", "seconds"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, ValidationError(_("A packet capture needs this."), code="required"))
            return values
        return {**values, "interface": "", "seconds": 0}


class EdgeChangeForm(EdgeFactsForm, EdgeSoftwareForm, EdgeAlertsForm):
    """All that is changed of an edge in one step."""

    def prepare(self) -> None:
        """As each of them."""
        EdgeSoftwareForm.prepare(self)
        EdgeAlertsForm.prepare(self)
