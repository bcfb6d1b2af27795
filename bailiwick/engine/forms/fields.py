"""Typed form fields: every text that comes in from people is made one way and refused for one set of reasons."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.engine.forms import places
from bailiwick.models import addresses
from bailiwick.models.text import LONG_TEXT_LENGTH, NAME_LENGTH, forbidden_character, name_key

# A normal form may be up to 18 times as long as its text; the key columns hold four times.
KEY_GROWTH = 4
# Printable ASCII without spaces around it.
WORDS = "[!-~](?:[ -~]*[!-~])?"
NOT_A_PHONE = re.compile(r"[^0-9A-Za-z+()\[\]./ #*,;:-]")


class NameField(forms.CharField):
    """One line of text: no control or invisible characters, trimmed, stored as NFC, counted after NFC."""

    long = False
    USUAL = re.compile(WORDS)

    def __init__(self, *, max_length: int = NAME_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        # A class of its own has rules of its own: what is usual for another is not for it.
        self.usual: re.Pattern[str] | None = vars(type(self)).get("USUAL")

    def clean(self, value: Any) -> Any:
        """Most texts are such as break no rule: a long file need not put each of them to every check."""
        if (
            self.usual
            and isinstance(value, str)
            and len(value) <= (self.max_length or 0)
            and self.usual.fullmatch(value)
        ):
            return value
        return super().clean(value)

    def to_python(self, value: Any) -> str:
        """Refuses what no text may hold before anything trims it away."""
        if value in self.empty_values:
            return ""
        if not isinstance(value, str):
            raise ValidationError(_("Text is expected here."), code="wrong_type")
        self._refuse_characters(value)
        return unicodedata.normalize("NFC", value).strip()

    def _refuse_characters(self, value: str) -> None:
        found = forbidden_character(value, long=self.long)
        if found:
            message = _("This text holds %(character)s, which is not allowed. Remove it.")
            raise ValidationError(message, code="forbidden_character", params={"character": found})

    def run_validators(self, value: str) -> None:
        """Adds the length of the normal form to the usual checks."""
        super().run_validators(value)
        if not self.long and self.max_length and len(name_key(value)) > KEY_GROWTH * self.max_length:
            raise ValidationError(_("This text is too long once its ligatures are written out."), code="max_length")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leaves `maxlength` out: browsers count UTF-16 units and would cut an emoji in half without a word."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class LongTextField(NameField):
    """Several lines; line feeds, tabs and invisible characters are allowed."""

    long = True
    USUAL = re.compile(WORDS)
    widget = forms.Textarea

    def __init__(self, *, max_length: int = LONG_TEXT_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Browsers send CR LF; one line feed is stored."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class EmailField(NameField):
    """An address that a mail server can deliver: ASCII local part, domain stored as A-labels, no `a@[127.0.0.1]`."""

    USUAL = re.compile(rf"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:{addresses.LABEL}\.)+[a-z]{{2,63}}")
    widget = forms.EmailInput
    refusals = {
        "form": gettext_lazy("Enter an e-mail address such as name@example.com."),
        "local_part": gettext_lazy("The part before the @ may hold plain letters, digits and signs only."),
        "address_literal": gettext_lazy("Enter a domain name after the @, not a network address."),
        "domain": gettext_lazy("The part after the @ is not a domain name."),
        "length": gettext_lazy("An e-mail address has at most 254 characters."),
    }

    def to_python(self, value: Any) -> str:
        """Returns the address as it is stored."""
        text = super().to_python(value)
        if not text:
            return ""
        try:
            address = addresses.stored_email(text)
            EmailValidator(message=self.refusals["form"])(address)
        except addresses.Undeliverable as refusal:
            raise ValidationError(self.refusals[refusal.code], code=f"email_{refusal.code}") from None
        return address

    def prepare_value(self, value: Any) -> Any:
        """Shows the domain as people write it."""
        return addresses.shown_email(value) if isinstance(value, str) else value


class DomainField(NameField):
    """A domain name, or its first label, stored in lower case as A-labels."""

    USUAL = re.compile(rf"(?=.{{1,253}}$){addresses.LABEL}(?:\.{addresses.LABEL})*")

    def to_python(self, value: Any) -> str:
        """Returns the domain as it is stored."""
        text = super().to_python(value)
        try:
            return addresses.stored_domain(text) if text else ""
        except addresses.Undeliverable:
            message = _("Enter a domain name such as example.com: letters, digits, hyphens and dots.")
            raise ValidationError(message, code="domain") from None

    def prepare_value(self, value: Any) -> Any:
        """Shows the domain as people write it."""
        return addresses.shown_domain(value) if isinstance(value, str) else value


class PhoneField(NameField):
    """A telephone number as people write it: no format is forced, but it is a number."""

    USUAL = re.compile("[+(]?[0-9](?:[0-9 ()./-]*[0-9])?")
    widget = forms.TextInput(attrs={"type": "tel"})

    def __init__(self, *, max_length: int = 64, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Names the first character that does not belong into a number."""
        text = super().to_python(value)
        odd = NOT_A_PHONE.search(text)
        if odd:
            message = _("A telephone number does not hold the character %(character)s.")
            raise ValidationError(message, code="phone", params={"character": odd.group()})
        if text and not any(character.isdigit() for character in text):
            raise ValidationError(_("A telephone number holds at least one digit."), code="phone")
        return text


class PostcodeField(NameField):
    """A postcode: at most 32 characters."""

    USUAL = re.compile(WORDS)

    def __init__(self, *, max_length: int = 32, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


def _country_choices() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("No country")), *places.countries().items()]


class CountrySelect(forms.Select):
    """Offers the countries of today, and the dissolved one that stands there: saving the page does not lose it."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """With one more where it is needed."""
        more = [(code, places.country_name(code)) for code in value if code in places.DISSOLVED]
        widget = forms.Select(attrs=self.attrs, choices=[*self.choices, *more])
        return widget.optgroups(name, value, attrs)


class CountryField(forms.ChoiceField):
    """A country, stored as its ISO 3166-1 code; its English name and three-letter code are understood too."""

    widget = CountrySelect

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("choices", _country_choices)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Returns the two-letter code."""
        if value in self.empty_values:
            return ""
        if not isinstance(value, str):
            raise ValidationError(_("Text is expected here."), code="wrong_type")
        return places.country_codes().get(value.strip().casefold(), value)

    def valid_value(self, value: Any) -> bool:
        """A row keeps the dissolved one that it has."""
        return value in places.DISSOLVED or super().valid_value(value)


def _time_zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in places.time_zones()]


class TimeZoneField(forms.ChoiceField):
    """An IANA time zone; with `empty_label` none of its own can be chosen too."""

    def __init__(self, *, empty_label: Any = None, **kwargs: Any) -> None:
        none = [("", empty_label)] if empty_label else []
        super().__init__(choices=lambda: [*none, *_time_zone_choices()], **kwargs)


class LocaleField(NameField):
    """A language tag such as `en` or `de-CH`."""

    def __init__(self, *, max_length: int = 16, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Returns the tag in its usual spelling."""
        text = super().to_python(value)
        tag = places.locale(text) if text else ""
        if tag is None:
            raise ValidationError(_("Enter a language tag such as en or de-CH."), code="locale")
        return tag


class SwitchField(forms.BooleanField):
    """Yes or no, said as such: anything else, nothing too, is refused and not taken for one of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> bool:
        """JSON sends true or false, a page sends the words."""
        if not (isinstance(value, bool) or value in ("true", "false", "on")):
            raise ValidationError(_("Say yes or no: true or false."), code="wrong_type")
        return value not in (False, "false")


class DegreesField(forms.FloatField):
    """A latitude (limit 90) or longitude (limit 180) in decimal degrees."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(min_value=-limit, max_value=limit, step_size=None, **kwargs)
