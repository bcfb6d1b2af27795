"""The short ways through the text rules give what the long ways give."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bailiwick.models import text as rules

ANY = st.text() | st.text(st.characters(max_codepoint=127)) | st.text(st.sampled_from(sorted(rules.INVISIBLE)))


def long_way(text):
    visible = "".join(character for character in text if character not in rules.INVISIBLE)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return " ".join(folded.split())


@given(ANY)
@example("\x1c A\x1f\tB \x0b")
def test_the_normal_form_of_plain_text_is_that_of_all_text(text):
    assert rules.name_key(text) == long_way(text)


@given(ANY)
@example("\u00ad")
@example("\u2028")
def test_printable_text_holds_nothing_that_is_forbidden(text):
    looked_at = [
        position
        for position, character in enumerate(text)
        if rules._is_control(character, long=False)
        or (character in rules.INVISIBLE and not rules._joins_emoji(text, position))
    ]
    assert (rules.forbidden_character(text) is None) == (looked_at == [])


def test_no_forbidden_character_is_printable():
    every = map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
    forbidden = [c for c in every if rules._is_control(c, long=False) or c in rules.INVISIBLE]
    assert [c for c in forbidden if c.isprintable()] == []
