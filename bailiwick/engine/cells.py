"""One cell of a file that a spreadsheet may open: what would be a formula becomes text (reliability 2.5)."""

from __future__ import annotations

STARTS = tuple("=+-@\t\r\n\0＝＋－＠")


def guarded(text: str) -> str:
    """Returns the text, with a single quote before it where a spreadsheet would compute."""
    return f"'{text}" if text.lstrip(" ").startswith(STARTS) else text
