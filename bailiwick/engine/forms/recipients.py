"""Form fields for several e-mail addresses at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bailiwick.engine.forms.fields import EmailField, NameField
from bailiwick.models.text import LONG_TEXT_LENGTH


class EmailListField(NameField):
    """Addresses separated by commas, stored joined by `, `."""

    def __init__(self, *, max_length: int = LONG_TEXT_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Checks each address on its own."""
        each = EmailField(required=True)
        parts = [part for part in super().to_python(value).split(",") if part.strip()]
        return ", ".join(each.clean(part) for part in parts)


class RecipientsField(forms.MultipleChoiceField):
    """Addresses to tick; a page offers those it knows, a script may name any that the action then accepts."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        """Left out, the action chooses; an empty choice is none."""
        if value == []:
            raise ValidationError(_("Choose at least one recipient."), code="required")
        return super().clean(value)

    def valid_value(self, value: Any) -> bool:
        """Every single address is one that a mail server can deliver to."""
        EmailField().clean(value)
        return True
