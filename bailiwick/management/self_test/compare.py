"""Whether two answers tell the same: what differs between two identical questions does not count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bailiwick.management.self_test.sides import DELETED, FOREIGN, INVENTED, MARK, OFFERED

if TYPE_CHECKING:
    from bailiwick.management.self_test.ask import Answer

WORD = re.compile(r"[\w\-]+|[^\w\-]")
ASKED_FOR = (FOREIGN, DELETED, INVENTED)
EXCERPT = 60


def without_ids(text: str) -> str:
    """The text with the id that was asked for, however it is written, replaced by one word."""
    for each in ASKED_FOR:
        for written in (
            str(each.number),
            f"{each.number:,}",
            f"{each.number:,}".replace(",", "\u202f"),
            str(each.uuid),
        ):
            text = text.replace(written, "ID")
    return text


def difference(answer: Answer, invented: Answer, again: Answer | None = None) -> str:
    """What the first tells that the second does not; empty where they are the same.

    `again` is the answer to the second question once more: where these two differ (one-time keys, numbers that a
    sequence gives), anything may stand.
    """
    left, right = _words(answer), _words(invented)
    if left == right:
        return ""
    other = _words(again) if again else right
    if len(left) != len(right) or len(other) != len(right):
        return _first(left, right)
    free = {place for place, (one, two) in enumerate(zip(right, other, strict=True)) if one != two}
    found = [place for place, (one, two) in enumerate(zip(left, right, strict=True)) if one != two]
    return next((_around(left, right, place) for place in found if place not in free), "")


def foreign_bytes(answer: Answer, sent: str) -> str:
    """What of the other side stands in the answer; empty where nothing does."""
    text = answer.text
    at = text.lower().find(MARK.lower())
    if at < 0 and str(FOREIGN.number) not in sent and str(FOREIGN.uuid) not in sent:
        at = next((place for each in _written() if (place := text.find(each)) >= 0), -1)
    return " ".join(text[max(0, at - EXCERPT) : at + EXCERPT].split()) if at >= 0 else ""


def _written() -> tuple[str, ...]:
    return str(FOREIGN.number), str(FOREIGN.uuid), str(FOREIGN.number + OFFERED)


def _words(answer: Answer) -> list[str]:
    return WORD.findall(without_ids(answer.text))


def _first(left: list[str], right: list[str]) -> str:
    shorter = min(len(left), len(right))
    place = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    return _around(left, right, place)


def _around(left: list[str], right: list[str], place: int) -> str:
    one, two = ("".join(words[max(0, place - 12) : place + 12]) for words in (left, right))
    return f"“{' '.join(one.split())}” where it does not exist: “{' '.join(two.split())}”"
