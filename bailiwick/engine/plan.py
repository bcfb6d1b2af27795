"""What a change would do to each customer, by name: a page at a time, or all of it for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models.expressions import RawSQL

from bailiwick.access.wall import place_of
from bailiwick.engine.batch import is_detail
from bailiwick.engine.judge import ALLOWED, verdicts
from bailiwick.models import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Change
    from bailiwick.engine.reasons import Refusal
    from bailiwick.models import Customer, Selection

# A page never reaches over the end of a chunk of the selection.
PAGE = 20
PLACES = """
SELECT unnest(customer_ids[%s:%s]) FROM bailiwick_selectionchunk WHERE selection_id = %s AND number = %s
"""
RELATED = ("detail", "partner", "gateway_pool", "operator_profile")


class Line(NamedTuple):
    """One customer: what differs after the change, what else happens, or why it is left alone."""

    id: int
    customer: str
    outcome: str
    code: str
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    notes: Sequence[str]


class Plan(NamedTuple):
    """Some of the lines; whoever is gone meanwhile has none."""

    lines: Sequence[Line]
    page: int
    pages: int


class Planner(NamedTuple):
    """Whose plan it is, and of what."""

    actor: Actor
    action: Change
    selection: Selection
    params: Mapping[str, Any]
    now: datetime

    def page(self, number: int) -> Plan:
        """The page of this number, from 1, in a constant number of queries however many are selected."""
        pages = -(-self.selection.count // PAGE)
        return Plan(self._lines((number - 1) * PAGE, PAGE) if number <= pages else [], number, pages)

    def every(self) -> Iterator[Line]:
        """All lines, a chunk of the selection at a time."""
        for first in range(0, self.selection.count, CHUNK):
            yield from self._lines(first, CHUNK)

    def _lines(self, first: int, count: int) -> list[Line]:
        """Those of the customers at these places of the selection."""
        chunk, place = divmod(first, CHUNK)
        chosen = RawSQL(PLACES, [place + 1, place + count, self.selection.pk, chunk])  # noqa: S611 -- a constant text
        with self.action.within(place_of(self.actor)):
            rules = self.action.rules(self.params, self.actor)
            rows = self.action.rows(self.actor).filter(pk__in=chosen).select_related(*RELATED)
            found = list(verdicts(rows, rules).order_by("pk"))
            changing = [row for row in found if row.verdict == ALLOWED]
            shared = self.action.values(self.params, now=self.now)
            besides = self.action.besides(changing, self.params)
            notes = self.action.notes(changing, self.params)
        return [
            _line(row, {**shared, **besides.get(row.pk, {})}, notes.get(row.pk, ()))
            if row.verdict == ALLOWED
            else _left_alone(row, rules[row.verdict])
            for row in found
        ]


def _line(row: Customer, after: Mapping[str, Any], notes: Sequence[str]) -> Line:
    before = {name: getattr(row.detail if is_detail(name) else row, name) for name in after}
    differing = [name for name, value in after.items() if before[name] != value]
    old, new = ({name: _plain(side[name]) for name in differing} for side in (before, after))
    return Line(row.pk, row.name, "changes", "", "", old, new, notes)


def _left_alone(row: Customer, refusal: Refusal) -> Line:
    outcome = "already" if refusal.harmless else "refused"
    return Line(row.pk, row.name, outcome, refusal.code, str(refusal.because), {}, {}, ())


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str | list | None) else str(value)
