"""Why a row is left alone: a rule of a change, a problem of an input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.db.models import Q


# Of what was selected and is not found any more; an action that finds its rows elsewhere says it in its words.
GONE = gettext_lazy("No longer there, or no longer yours.")


class Refusal(NamedTuple):
    """A rule as a predicate with a sentence: rows that match are left alone. `harmless`: they already are so.

    `field`: where the action takes ONE customer, this is a conflict (409) beside that field instead of a refused row.
    `counting`: a number of the row, or names (a path or an expression), told by `counted` with `%(n)s` in it.
    """

    when: Q
    because: str
    code: str
    harmless: bool = False
    field: str = ""
    counting: Any = ""
    counted: str = ""


class Problem(NamedTuple):
    """Why one row of input cannot be made, beside its field."""

    line: int
    field: str
    because: str
    code: str
