"""What a field takes without its checks is what the checks would have let through, as it stands."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.engine.forms.customer_form import CustomerForm

FIELDS = {name: field for name, field in CustomerForm.base_fields.items() if getattr(field, "usual", None)}


def checked(field: Any, text: str) -> object:
    usual, field.usual = field.usual, None
    try:
        return field.clean(text)
    except ValidationError as refusal:
        return refusal.messages
    finally:
        field.usual = usual


@pytest.mark.parametrize("name", FIELDS)
def test_the_short_way_says_what_the_long_way_says(name: str) -> None:
    field = FIELDS[name]

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.one_of(st.from_regex(field.usual, fullmatch=True), st.text("aZ9-.@ +\n", max_size=12)))
    def compare(text: str) -> None:
        if len(text) <= field.max_length and field.usual.fullmatch(text):
            assert field.clean(text) == checked(field, text) == text

    compare()


def test_the_kinds_of_field_that_have_a_short_way() -> None:
    assert {"name", "domain", "contact_email", "contact_phone", "description", "postcode"} <= FIELDS.keys()
    assert "locale" not in FIELDS
