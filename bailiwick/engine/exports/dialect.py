"""How a file of separated values is written: separator, quotes, formula guard; one rule for writers and readers.

Separator: reliability 2.5 and domain 13.1 together, the stricter one where they differ: a formula character is refused.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.engine.forms.form import ActionForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FORMULA = "=+-@＝＋－＠"
# A spreadsheet takes these for a formula. Apostrophes count as spaces here, so that `unguarded` undoes exactly what
# `guarded` did: a name that itself reads '=1 comes back as it was.
GUARDED = frozenset(FORMULA + "\t\r\n")
SKIPPED = " '"
BLOCK = 256 * 1024
ROW_END = b"\r\n"
# Letters, marks, digits, spaces and control characters: none of them separates anything that a person can see.
NO_SEPARATOR = frozenset("LMNZC")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The choices of one file."""

    separator: str = ","
    formula_guard: bool = True
    bom: bool = False
    compress: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Dialect:
        """Takes the choices from cleaned values."""
        return cls(**{name: params[name] for name in ("separator", "formula_guard", "bom", "compress")})

    def query(self) -> dict[str, str]:
        """The choices that differ from the usual, as an address carries them."""
        written = {
            "separator": self.separator,
            "guard": str(int(self.formula_guard)),
            "bom": str(int(self.bom)),
            "compress": "gzip" if self.compress else "",
        }
        usual = {"separator": ",", "guard": "1", "bom": "0", "compress": ""}
        return {name: value for name, value in written.items() if value != usual[name]}

    def head(self, headings: Sequence[str]) -> bytes:
        """The byte order mark, where wanted, and the row of headings: a file has it even without any row."""
        return (b"\xef\xbb\xbf" if self.bom else b"") + self.row(headings)

    def row(self, values: Iterable[object]) -> bytes:
        """One row; text is guarded where the dialect says so, numbers are not text."""
        cells = (self._cell(value).replace('"', '""') for value in values)
        return self.separator.join(f'"{cell}"' for cell in cells).encode() + ROW_END

    def _cell(self, value: object) -> str:
        if isinstance(value, str):
            return guarded(value) if self.formula_guard else value
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else str(value)


def written(dialect: Dialect, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Writes rows that stand in Python already; tables go through engine/exports/export.py."""
    yield dialect.head(headings)
    block = bytearray()
    for row in rows:
        block += dialect.row(row)
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def guarded(text: str) -> str:
    """Puts an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip(SKIPPED)[:1] in GUARDED else text


def unguarded(text: str) -> str:
    """Takes the apostrophe of `guarded` away again."""
    return text[1:] if text.startswith("'") and text.lstrip(SKIPPED)[:1] in GUARDED else text


def is_separator(text: str) -> bool:
    """Whether this one character may stand between two fields."""
    if text == "\t":
        return True
    return len(text) == 1 and text != '"' and unicodedata.category(text)[0] not in NO_SEPARATOR


class Switch(forms.CheckboxInput):
    """A tick box that has a value where an address or a script says nothing, and that reads 0 as off."""

    def __init__(self, *, absent: bool) -> None:
        super().__init__()
        self.absent = absent

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        """A page that leaves a tick box out means "off"; raw_values says so before this."""
        value = data.get(name)
        return self.absent if value is None else str(value).lower() in {"true", "on", "1"}


class DialectForm(ActionForm):
    """What every export asks for."""

    separator = forms.CharField(
        label=gettext_lazy("Separator"),
        required=False,
        strip=False,
        initial=",",
        help_text=gettext_lazy("One sign such as , ; | ^ ~ or §. Write \\t for a tab."),
    )
    formula_guard = forms.BooleanField(
        label=gettext_lazy("Guard against formulas"),
        required=False,
        initial=True,
        widget=Switch(absent=True),
        help_text=gettext_lazy("Text that a spreadsheet would run as a formula gets an apostrophe in front."),
    )
    bom = forms.BooleanField(
        label=gettext_lazy("Mark as Unicode for Excel"),
        required=False,
        widget=Switch(absent=False),
        help_text=gettext_lazy("Begins the file with a byte order mark."),
    )
    compress = forms.BooleanField(label=gettext_lazy("Compress (gzip)"), required=False, widget=Switch(absent=False))

    def clean_separator(self) -> str:
        """A comma where nothing was said; otherwise exactly one sign."""
        if self.data.get("separator") is None:
            return ","
        text: str = self.cleaned_data["separator"]
        text = "\t" if text == "\\t" else text
        if not is_separator(text):
            message = _("Enter exactly one sign: no letter, digit, space, quote or line break.")
            raise ValidationError(message, code="separator")
        return text
