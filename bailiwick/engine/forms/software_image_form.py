"""What is said of a new software image, on its page and over REST (domain 10.2)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.engine.forms.fields import NameField
from bailiwick.engine.forms.form import ActionForm, DefaultsForm

LENGTH = 64


class SoftwareImageForm(DefaultsForm):
    """Nothing of an image changes afterwards: another build is another image."""

    name = NameField(label=_("Name"))
    version = NameField(label=_("Version"), max_length=LENGTH)
    build_number = NameField(label=_("Build number"), max_length=LENGTH, required=False)
    device_family = NameField(
        label=_("Device family"), max_length=LENGTH, required=False, help_text=_("Empty: for every model.")
    )


class DeprecationForm(ActionForm):
    """Whether it is offered."""

    deprecated = forms.BooleanField(label=_("Deprecated"), required=False)
