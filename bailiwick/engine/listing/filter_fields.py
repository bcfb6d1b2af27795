"""What a filter of the list may be asked with: by a page in words, by a script in JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.models.text import forbidden_character


class Flag(forms.TypedChoiceField):
    """On or off, from a page ("true"), from JSON (true), or not asked for."""

    def __init__(self, **options: Any) -> None:
        choices = (("true", _("on")), ("false", _("off")))
        super().__init__(
            choices=choices, coerce=lambda value: value == "true", required=False, empty_value=None, **options
        )

    def to_python(self, value: Any) -> str:
        """Reads JSON's booleans like the page's words."""
        return str(value).lower() if isinstance(value, bool) else super().to_python(value)


class PartnerField(forms.Field):
    """A partner's id, or "none" for direct customers. It asks no table: the actor's scope bounds the rows anyway."""

    def to_python(self, value: Any) -> int | str | None:
        """Raises ValidationError for anything else."""
        if value in self.empty_values or value == "none":
            return value or None
        if str(value).isascii() and str(value).isdecimal() and 0 < int(value) < 2**63:
            return int(value)
        raise ValidationError(_("Give a partner, or none."), code="invalid_choice")


class SearchField(forms.CharField):
    """Refuses what no stored text can hold."""

    def validate(self, value: str) -> None:
        """Raises ValidationError, naming the character."""
        super().validate(value)
        found = forbidden_character(value, long=True)
        if found:
            message = _("The search holds the %(what)s.")
            raise ValidationError(message, code="forbidden_character", params={"what": found})
