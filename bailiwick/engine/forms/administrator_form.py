"""Who administers what is made: the first user of a new partner or customer, invited with it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.engine.forms import fields
from bailiwick.engine.forms.form import ActionForm, Section

ADMIN = "admin_"
ADMINISTRATOR = Section(
    "administrator",
    _("First administrator"),
    ("admin_email", "admin_first_name", "admin_last_name", "admin_phone", "admin_mobile"),
)


class AdministratorForm(ActionForm):
    """The person's fields, all of them optional."""

    admin_email = fields.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("The user name. The invitation works once, within 72 hours."),
    )
    admin_first_name = fields.NameField(label=_("First name"), required=False)
    admin_last_name = fields.NameField(label=_("Last name"), required=False)
    admin_phone = fields.PhoneField(label=_("Phone"), required=False)
    admin_mobile = fields.PhoneField(label=_("Mobile"), required=False)

    def require_address(self) -> dict[str, Any]:
        """The cleaned values; names of an administrator without an address would be lost."""
        cleaned: dict[str, Any] = self.cleaned_data
        named = any(value for name, value in cleaned.items() if name.startswith(ADMIN))
        if named and not cleaned.get("admin_email", "unreadable"):
            message = _("Enter the e-mail address of this person.")
            self.add_error("admin_email", ValidationError(message, code="required"))
        return cleaned
