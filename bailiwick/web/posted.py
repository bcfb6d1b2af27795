"""Reading what a page posted: numbers, JSON and one-time keys, where anything may be written."""

from __future__ import annotations

import json
import uuid
from typing import Any

LONGEST_NUMBER = 18


def whole_number(text: str | None) -> int:
    """The number that the text writes in plain digits; anything else is 0."""
    return max(number(text) or 0, 0)


def number(text: str | None) -> int | None:
    """The number that the text writes in plain digits, -1 for what is no number, None for nothing."""
    digits = (text or "").strip().replace(",", "")
    if not digits:
        return None
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else -1


def decoded(text: str | None) -> Any:
    """The JSON value, or None where the text is none: the engine then says what is missing."""
    try:
        value = json.loads(text or "null")
        # An escaped half of a character cannot be stored or sent anywhere: UnicodeEncodeError is a ValueError.
        json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        return None


def one_time_key(text: str | None) -> str | None:
    """The key that a form carries; whatever else stands there is no key."""
    try:
        return str(uuid.UUID(text or ""))
    except ValueError:
        return None
