"""The rule of the files: what separates, what is guarded, and that both can be undone."""

from __future__ import annotations

import csv
import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.access.actor import Actor
from bailiwick.engine.exports.dialect import Dialect, DialectForm, guarded, is_separator, unguarded, written
from bailiwick.engine.forms.form import InvalidParams, clean

ACTOR = Actor(user_id=1, name="olga", level="operator", role="superuser", door="web")
TEXTS = st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r\n '\",;|§＝＋－＠ab"), st.characters(codec="utf-8")))
SEPARATORS = [
    ",",
    ";",
    "|",
    "\t",
    "^",
    "~",
    "!",
    "#",
    "$",
    "%",
    "&",
    "'",
    "(",
    "/",
    ":",
    "_",
    "`",
    "§",
    "→",
    "€",
    "¦",
    "🟰",
    *"=+-@＝＋－＠",
]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_sign_separates(separator: str) -> None:
    assert is_separator(separator)


@pytest.mark.parametrize(
    "text",
    [
        *("", ",,", "ab", *string.ascii_letters, *string.digits, '"', "\r", "\n", "\0", " ", "\x1f", "é", "漢", "٣"),
        *("\u00a0", "\u200b", "\u0301", "\ud800"),
    ],
)
def test_exp_04_letters_digits_quotes_and_breaks_do_not_separate(text: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        clean(DialectForm, {"separator": text}, ACTOR)
    assert list(refused.value.errors) == ["separator"]


def test_exp_02_nothing_said_is_a_comma_with_the_guard_on() -> None:
    assert Dialect.of(clean(DialectForm, {}, ACTOR)) == Dialect()
    assert Dialect() == Dialect(separator=",", formula_guard=True, bom=False, compress=False)


def test_a_tab_can_be_written_as_backslash_t() -> None:
    assert clean(DialectForm, {"separator": "\\t"}, ACTOR)["separator"] == "\t"


@pytest.mark.parametrize("off", [False, "false", "0"])
def test_the_guard_can_be_switched_off(off: object) -> None:
    assert not clean(DialectForm, {"formula_guard": off}, ACTOR)["formula_guard"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "  =1", "＝1", "＋1", "－1", " ＠x"])
def test_exp_05_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "a=1", "1-2", "(x", "O'Neil", "'quoted'"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


@given(TEXTS)
def test_the_guard_can_be_undone_for_every_text(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(
    st.sampled_from(SEPARATORS),
    st.lists(st.tuples(TEXTS, TEXTS, st.integers(), st.booleans(), st.none()), max_size=5),
)
def test_rows_of_ours_read_back_as_they_were(separator: str, rows: list[tuple[object, ...]]) -> None:
    data = b"".join(written(Dialect(separator=separator, formula_guard=False), list("abcde"), rows)).decode()
    read = list(csv.reader(io.StringIO(data, newline=""), delimiter=separator))
    assert read[1:] == [[a, b, str(c), "true" if d else "false", ""] for a, b, c, d, _ in rows]
    assert data.endswith("\r\n")
