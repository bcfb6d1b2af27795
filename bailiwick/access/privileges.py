"""The privilege matrix that is checked in: who gets what where, as the doors answered when the table was written."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("privileges.csv")
KEYS = ("kind", "name", "scope")


@dataclass(frozen=True, slots=True)
class Privilege:
    """One line: a permission, a path or an action on rows of one scope, and a word for each principal.

    yes: done. no: the role may not. closed: withdrawn by the customer. refused: seen, and left as it is.
    nothing: as if it did not exist. sign in: sent to the sign-in. -: there is no such case.
    """

    kind: str
    name: str
    scope: str
    words: dict[str, str]

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it apart from the other lines."""
        return self.kind, self.name, self.scope


@cache
def privileges() -> tuple[Privilege, ...]:
    """The whole table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(_privilege(line) for line in csv.DictReader(file))


def principals() -> list[str]:
    """Its columns: the roles by name, and who is none."""
    return list(privileges()[0].words)


def _privilege(line: dict[str, str]) -> Privilege:
    kind, name, scope = (line.pop(key) for key in KEYS)
    return Privilege(kind, name, scope, line)
