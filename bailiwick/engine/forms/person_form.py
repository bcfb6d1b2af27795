"""What a door may say about a user: everything else is decided in access/users.py."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.engine.forms.fields import EmailField, NameField, PhoneField
from bailiwick.engine.forms.form import ActionForm


class PersonForm(ActionForm):
    """A new user; the password is his to choose."""

    email = EmailField(label=_("E-mail address"))
    role = forms.CharField(label=_("Role"), max_length=64, help_text=_("A role, or custom: and the number of one."))
    first_name = NameField(label=_("First name"), required=False)
    last_name = NameField(label=_("Last name"), required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    mobile = PhoneField(label=_("Mobile"), required=False)
