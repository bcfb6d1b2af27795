"""The text rules of reliability.md 2.4, at the fields that every form uses."""

import unicodedata

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.engine.forms.fields import (
    CountryField,
    DegreesField,
    DomainField,
    EmailField,
    LocaleField,
    LongTextField,
    NameField,
    PhoneField,
    TimeZoneField,
)
from bailiwick.engine.forms.places import countries, country_name
from bailiwick.engine.forms.recipients import EmailListField


def refusal(field, value):
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return caught.value.error_list[0]


@pytest.mark.parametrize("bad", ["\x00", "\x01", "\x1f", "\x7f", "\x85", "\r", "\n", "\t", "\ud800", "\u2028"])
@pytest.mark.parametrize("place", ["{}Acme", "Ac{}me", "Acme{}"])
def test_a_name_refuses_control_characters_wherever_they_stand_and_names_them(bad, place):
    error = refusal(NameField(), place.format(bad))
    assert error.code == "forbidden_character"
    assert f"U+{ord(bad):04X}" in error.messages[0]


@pytest.mark.parametrize("bad", ["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad"])
def test_a_name_refuses_invisible_characters_but_long_text_keeps_them(bad):
    assert refusal(NameField(), f"Ac{bad}me").code == "forbidden_character"
    assert LongTextField().clean(f"Ac{bad}me") == f"Ac{bad}me"


def test_long_text_keeps_line_feeds_and_tabs_but_no_other_control():
    assert LongTextField().clean("one\r\ntwo\tthree") == "one\ntwo\tthree"
    assert refusal(LongTextField(), "a\x00b").code == "forbidden_character"


def test_lengths_are_counted_after_nfc():
    decomposed = unicodedata.normalize("NFD", "é" * 255)
    assert NameField().clean(decomposed) == "é" * 255
    assert refusal(NameField(), "é" * 256).code == "max_length"
    assert refusal(LongTextField(), "x" * 10_001).code == "max_length"


def test_a_name_whose_normal_form_would_not_fit_is_refused():
    assert refusal(NameField(), "\ufdfa" * 255).code == "max_length"


@pytest.mark.parametrize("name", ["شركة", "👩‍👩‍👧 & sons", "Ἀθηνᾶ", "𠮷野家", "O'Neil <b>", "=1+1"])
def test_everything_else_is_kept(name):
    assert NameField().clean(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("value", [1, True, ["a"], {"a": 1}, 1.5])
def test_json_of_another_type_is_refused(value):
    assert refusal(NameField(), value).code == "wrong_type"


@settings(deadline=None)
@given(st.text())
def test_any_text_is_kept_as_nfc_or_refused_and_never_crashes(text):
    for field in (
        NameField(required=False),
        EmailField(required=False),
        DomainField(required=False),
        PhoneField(required=False),
        LongTextField(required=False),
        CountryField(required=False),
        LocaleField(required=False),
        EmailListField(required=False),
    ):
        try:
            cleaned = field.clean(text)
        except ValidationError as error:
            assert error.messages[0]
        else:
            assert unicodedata.is_normalized("NFC", cleaned)
            assert field.clean(cleaned) == cleaned
            cleaned.encode()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("plain", "email_form"),
        ("@example.com", "email_form"),
        ("müller@example.com", "email_local_part"),
        ("a@[127.0.0.1]", "email_address_literal"),
        ("a@exa mple.com", "email_domain"),
        ("a@example..com", "email_domain"),
        ("a@example.com\r\nBcc: b@example.com", "forbidden_character"),
        ("x" * 64 + "@" + ".".join(["d" * 60] * 4) + ".com", "max_length"),
    ],
)
def test_an_undeliverable_address_is_refused_with_the_rule(value, code):
    assert refusal(EmailField(), value).code.startswith(code) or code == "max_length"


def test_a_unicode_domain_is_stored_as_a_label_and_shown_as_people_write_it():
    assert EmailField().clean("Info@MÜNCHEN.de") == "Info@xn--mnchen-3ya.de"
    assert EmailField().prepare_value("Info@xn--mnchen-3ya.de") == "Info@münchen.de"
    assert DomainField().clean("München.de") == "xn--mnchen-3ya.de"


def test_a_list_of_addresses_is_checked_one_by_one():
    assert EmailListField().clean("a@example.com ,b@example.com,") == "a@example.com, b@example.com"
    assert refusal(EmailListField(), "a@example.com, b").code == "email_form"


def test_telephone_numbers_name_the_odd_character():
    assert PhoneField().clean("+41 (44) 123-45 67 ext. 8") == "+41 (44) 123-45 67 ext. 8"
    assert "<" in refusal(PhoneField(), "+1<2").messages[0]
    assert refusal(PhoneField(), "call me").code == "phone"


def test_countries_zones_and_languages():
    assert [CountryField().clean(text) for text in ("CH", "che", "switzerland")] == ["CH"] * 3
    assert refusal(CountryField(), "XX").code == "invalid_choice"
    assert TimeZoneField().clean("Europe/Zurich") == "Europe/Zurich"
    assert refusal(TimeZoneField(), "../etc/passwd").code == "invalid_choice"
    assert LocaleField().clean("de_ch") == "de-CH"
    assert refusal(LocaleField(), "x" * 40).code == "locale"


@pytest.mark.parametrize("code", ["AN", "CS"])
def test_a_country_that_is_no_more_is_offered_to_nobody_and_stays_where_it_is(code):
    class Form(forms.Form):
        country = CountryField(required=False)

    offered = f'<option value="{code}"'
    assert offered not in str(Form()["country"])
    assert offered not in str(Form(initial={"country": "CH"})["country"])
    assert f"{offered} selected" in str(Form(initial={"country": code})["country"])
    assert f"{offered} selected" in str(Form(data={"country": code})["country"])
    assert CountryField().clean(code) == code
    assert code not in countries()
    assert len(country_name(code)) > 2


@pytest.mark.parametrize("value", ["91", "-90.5", "nan", "inf", "x"])
def test_degrees_have_limits(value):
    refusal(DegreesField(limit=90), value)
