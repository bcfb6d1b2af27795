"""The terms of a roll-out, on its page and over REST."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access.scope import operator_profiles_for, software_images_for
from bailiwick.engine.forms.form import DefaultsForm

MOST_STEPS, WEEK = 20, 7 * 24 * 60


class PercentsField(forms.CharField):
    """Rising percentages, such as 10, 50; the last one is 100 whether or not it is said."""

    def to_python(self, value: Any) -> Any:
        """The numbers; no step at all is all that are left at once."""
        try:
            found = [int(each.strip().removesuffix("%")) for each in str(value or "").split(",") if each.strip()]
        except ValueError:
            raise ValidationError(_("Give whole numbers with commas between them."), code="invalid") from None
        steps = found if found[-1:] == [100] else [*found, 100]
        if len(steps) > MOST_STEPS or not all(0 < a < b for a, b in zip([0.5, *steps], steps, strict=False)):
            raise ValidationError(_("Give rising percentages, from 1 to 100, not more than 20."), code="not_rising")
        return steps


class RolloutForm(DefaultsForm):
    """Which image goes to the edges of which operator profile, in which steps, and when it stops by itself."""

    operator_profile: forms.Field = forms.ModelChoiceField(label=gettext_lazy("Operator profile"), queryset=None)
    image: forms.Field = forms.ModelChoiceField(
        label=gettext_lazy("Software image"),
        queryset=None,
        error_messages={"invalid_choice": gettext_lazy("There is no such software image, or it is deprecated.")},
    )
    canary = forms.IntegerField(
        label=gettext_lazy("Edges of the first wave"), min_value=1, max_value=100_000, initial=5
    )
    percents = PercentsField(
        label=gettext_lazy("Then, in percent of all edges"),
        initial="10, 50, 100",
        required=False,
        help_text=gettext_lazy("One wave each; the last one is 100."),
    )
    pause_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes between two waves"), min_value=0, max_value=WEEK, initial=60
    )
    most_failures = forms.IntegerField(
        label=gettext_lazy("Halt when more edges fail than"), min_value=0, max_value=100_000, initial=2
    )
    patience_minutes = forms.IntegerField(
        label=gettext_lazy("An edge has failed that is not back after … minutes"),
        min_value=1,
        max_value=WEEK,
        initial=30,
    )
    window_from = forms.TimeField(
        label=gettext_lazy("Only from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Local time of each edge; it may go over midnight. Empty: at any time."),
    )
    window_until = forms.TimeField(
        label=gettext_lazy("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def prepare(self) -> None:
        """Every profile, and images that are not deprecated and have a file."""
        images = software_images_for(self.actor).filter(deprecated=False).exclude(sha256="")
        self.fields["image"].queryset = images.order_by("name", "-version")  # type: ignore[attr-defined]
        profiles = operator_profiles_for(self.actor).order_by("name_key")
        self.fields["operator_profile"].queryset = profiles  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A window has two ends."""
        found = self.cleaned_data
        if (found.get("window_from") is None) != (found.get("window_until") is None) and not self.errors:
            empty = "window_until" if found.get("window_until") is None else "window_from"
            self.add_error(empty, ValidationError(_("A window has a beginning and an end."), code="required"))
        if found.get("window_from") and found.get("window_from") == found.get("window_until"):
            self.add_error("window_until", ValidationError(_("This window is never open."), code="empty_window"))
        return found
