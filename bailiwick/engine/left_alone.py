"""What a preview says of the rows that it would leave alone: why, how many, and who the first of them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bailiwick.engine.judge import ALLOWED, sentence, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.engine.reasons import Refusal

NAMED = 5
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Reason:
    """One refusal, how many rows it holds back, and the names of the first of them."""

    code: str
    because: str
    count: int
    harmless: bool = False
    customers: Sequence[str] = ()

    @property
    def others(self) -> int:
        """Those without a name here."""
        return self.count - len(self.customers)


def reasons(
    rows: QuerySet[Any], first: QuerySet[Any], refusals: Sequence[Refusal], counts: Mapping[int, int]
) -> list[Reason]:
    """In the order in which the refusals speak; names come from the first chunk of the selection."""
    known = names(first, refusals) if counts.keys() - {ALLOWED} else {}
    return [
        Reason(
            refusal.code,
            sentence(rows, refusals, index, counts[index]),
            counts[index],
            refusal.harmless,
            known.get(index, ()),
        )
        for index, refusal in enumerate(refusals)
        if counts.get(index)
    ]


def names(first: QuerySet[Any], refusals: Sequence[Refusal]) -> dict[int, list[str]]:
    """Of each refusal the first customers whom it stops."""
    stopped = verdicts(first, refusals).exclude(verdict=ALLOWED).order_by("id").values_list("verdict", "name")
    found: dict[int, list[str]] = {}
    for index, name in stopped[:LOOKED_AT]:
        found.setdefault(index, []).append(name)
    return {index: each[:NAMED] for index, each in found.items()}
