"""The text rules every input obeys: what is refused, what is stored, and what makes two names the same."""

from __future__ import annotations

import unicodedata

NAME_LENGTH = 255
LONG_TEXT_LENGTH = 10_000
# Bidirectional overrides and isolates, and characters without width: two names would look the same (reliability 2.4).
INVISIBLE = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
) | frozenset(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# A zero-width joiner between emoji is part of the picture, not a disguise.
JOINER = "\u200d"


def name_key(text: str) -> str:
    """The normal form on which names are unique: NFKC, case-folded, invisible characters removed, spaces folded."""
    if text.isascii():
        return " ".join(text.lower().split())
    visible = "".join(character for character in text if character not in INVISIBLE)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return " ".join(folded.split())


def search_text(*parts: str) -> str:
    """The text that substring search looks in: normal forms joined by a character that no input may hold."""
    return "\x1f".join(name_key(part) for part in parts)


def forbidden_character(text: str, *, long: bool = False) -> str | None:
    """Says which character makes `text` unfit, or None; `long` text may hold line feeds, tabs, invisible characters."""
    if text.isprintable():
        return None
    for position, character in enumerate(text):
        if _is_control(character, long=long):
            return f"character U+{ord(character):04X}"
        if not long and character in INVISIBLE and not _joins_emoji(text, position):
            return f"the invisible character U+{ord(character):04X}"
    return None


def _is_control(character: str, *, long: bool) -> bool:
    if long and character in "\n\t":
        return False
    return unicodedata.category(character) in {"Cc", "Cs"} or character in "\u2028\u2029"


def _joins_emoji(text: str, position: int) -> bool:
    if text[position] != JOINER or position in (0, len(text) - 1):
        return False
    return (
        unicodedata.category(text[position - 1]) in {"So", "Sk", "Mn"}
        and unicodedata.category(text[position + 1]) == "So"
    )
