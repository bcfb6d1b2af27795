"""The password rules that Django does not have (domain 2.4)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class NoAngleBracketValidator:
    """Refuses `<`, as the orchestrators that our scripts also talk to do (domain 2.4, NEW-06)."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 -- Django's signature
        """Raises ValidationError where the password holds `<`."""
        if "<" in password:
            raise ValidationError(_("A password must not hold the character <."), code="password_angle_bracket")

    def get_help_text(self) -> str:
        """Returns the rule in words."""
        return _("The character < is not allowed.")
