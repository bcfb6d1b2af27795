"""What an action would do now: how many rows change, how many are refused and why, in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext as _

from bailiwick.access.wall import place_of
from bailiwick.engine.action import Change, Create, Export, Reach
from bailiwick.engine.batch import is_detail
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.judge import ALLOWED, tally, verdicts
from bailiwick.engine.left_alone import Reason, reasons
from bailiwick.engine.plan import Planner
from bailiwick.engine.selection import among, completed, freeze, planned_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.engine.plan import Plan
    from bailiwick.engine.reasons import Problem, Refusal
    from bailiwick.models import Selection

SAMPLE = 5
LISTED_PROBLEMS = 1_000
LISTED_REASONS = 50
CONFLICTS = ("_taken", "NOT_CLONEABLE")  # what others did meanwhile


@dataclass(frozen=True, slots=True)
class Preview:
    """The promise about now; the run judges again under lock."""

    action: Action
    params: Mapping[str, Any]
    total: int
    changing: int
    reasons: Sequence[Reason] = ()
    selection: Selection | None = None
    sample: Sequence[dict[str, Any]] = ()
    problems: Sequence[Problem] = field(default=())
    warnings: Sequence[str] = ()
    letter: Mapping[str, str] = field(default_factory=dict)
    plan: Plan | None = None

    @property
    def refused(self) -> int:
        """Rows that will be left alone."""
        return self.total - self.changing

    @property
    def already(self) -> int:
        """Those of them that are so before: nobody has to look at them."""
        return sum(reason.count for reason in self.reasons if reason.harmless)

    @property
    def consequences(self) -> Sequence[str]:
        """What else will happen."""
        letter = (f"{name}: {text}" if name else text for name, text in self.letter.items())
        return (*self.warnings, *letter, *self.action.consequences(self.params))

    @property
    def button(self) -> str:
        """What the confirming button says."""
        return self.action.button(self.changing, self.params)


def admit(actor: Actor, action: Action, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Permission, gate and form: the checks that preview, submit and run all make. Returns the cleaned values."""
    actor.require(action.permission)
    action.gate(actor)
    return clean(action.Params, raw, actor)


def preview(
    actor: Actor, action: Action, *, select: object, raw: Mapping[str, Any], now: datetime, page: int = 1
) -> Preview:
    """Says what `submit` with the same arguments would do. Raises NotAllowed or InvalidParams; changes nothing.

    `page`: which page of the plan, where the action tells of each customer.
    """
    with action.within(place_of(actor)):
        found = _preview(actor, action, select, raw, now)
    if isinstance(action, Change) and action.tells_each and found.selection:
        planner = Planner(actor, action, found.selection, found.params, now)
        return replace(found, plan=planner.page(page))
    return found


def planner_of(
    actor: Actor, action: Action, *, select: object, raw: Mapping[str, Any], now: datetime
) -> Planner | None:
    """The plan alone, for its other pages; None where the action has none. Raises NotAllowed, InvalidParams."""
    with action.within(place_of(actor)):
        params = admit(actor, action, raw)
        if not isinstance(action, Change) or not action.tells_each:
            return None
        return Planner(actor, action, freeze(actor, action, select, now=now), params, now)


def _preview(actor: Actor, action: Action, select: object, raw: Mapping[str, Any], now: datetime) -> Preview:
    params = admit(actor, action, completed(actor, action, select, raw, now=now))
    if isinstance(action, Change):
        return _preview_change(actor, action, params, freeze(actor, action, select, now=now), now)
    if isinstance(action, Create):
        return _preview_create(actor, action, params)
    if isinstance(action, Export):
        return _preview_export(actor, action, params)
    return Preview(action=action, params=params, total=0, changing=0)


def _preview_change(
    actor: Actor, action: Change, params: dict[str, Any], selection: Selection, now: datetime
) -> Preview:
    refusals = action.rules(params, actor)
    rows = among(action.rows(actor), selection)
    refuse_conflict(action, rows, refusals, params, actor)
    with planned_for(selection):
        counts = tally(rows, refusals)
    first = among(action.rows(actor), selection, first_chunk=True)
    lost = selection.count - sum(counts.values())
    gone = [Reason("gone", str(action.gone), lost)] if lost else []
    return Preview(
        action=action,
        params=params,
        total=selection.count,
        changing=counts.get(ALLOWED, 0),
        reasons=[*reasons(rows, first, refusals, counts), *gone],
        selection=selection,
        warnings=action.warnings(action.told(verdicts(rows, refusals).filter(verdict=ALLOWED), actor), params),
        letter=action.letter(action.told(rows, actor), params, actor) if counts.get(ALLOWED) else {},
        sample=_sample(action, verdicts(first, refusals).filter(verdict=ALLOWED), params, now),
    )


def refuse_conflict(
    action: Change, rows: QuerySet[Any], refusals: Sequence[Refusal], params: Mapping[str, Any], actor: Actor
) -> None:
    """Where the action takes one customer and the refusal that speaks names a field: raises InvalidParams (409)."""
    if action.reach is not Reach.ONE or not any(refusal.field for refusal in refusals):
        return
    row = verdicts(rows, refusals).first()
    if row is None or row.verdict == ALLOWED or not refusals[row.verdict].field:
        return
    refusal = refusals[row.verdict]
    told = {"code": refusal.code, "message": refusal.because, **action.particulars(refusal, row, params, actor)}
    raise InvalidParams({refusal.field: [told]}, status=HTTPStatus.CONFLICT)


def _sample(action: Change, allowed: QuerySet[Any], params: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    first = allowed.order_by("id")[:SAMPLE]
    besides, shared = action.besides(first, params), action.values(params, now=now)
    columns = {*shared, *(name for more in besides.values() for name in more)}
    if not columns:
        return []
    paths = {f"before_{name}": F(f"detail__{name}" if is_detail(name) else name) for name in columns}
    rows: Any = allowed.order_by("id").values(pk_=F("id"), label_=F("name"), **paths)
    seen = [_sampled(row, {**shared, **besides.get(row["pk_"], {})}) for row in rows[:SAMPLE]]
    return seen if action.tells_before else [{**row, "before": dict.fromkeys(row["before"])} for row in seen]


def _sampled(row: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["pk_"],
        "customer": row["label_"],
        "before": {name: _plain(row[f"before_{name}"]) for name in after},
        "after": {name: _plain(value) for name, value in after.items()},
    }


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str | list | None) else str(value)


def _preview_create(actor: Actor, action: Create, params: dict[str, Any]) -> Preview:
    rows = list(action.inputs(params, actor))
    problems = action.problems(rows, params, actor)
    if problems and not action.many:
        raise invalid_row(problems)
    # The first problem of a row is the reason why the job would leave it out.
    first = {problem.line: problem for problem in reversed(problems)}
    counts = Counter((problem.code, problem.because) for problem in first.values())
    good = [row for row in rows if row["line"] not in first]
    return Preview(
        action=action,
        params=params,
        total=len(rows),
        changing=0 if first and action.is_strict(params) else len(good),
        reasons=[Reason(code, because, count) for (code, because), count in counts.most_common(LISTED_REASONS)],
        sample=[_made_of(row) for row in good[:SAMPLE]] if action.many else (),
        problems=problems,
    )


def _made_of(row: Mapping[str, Any]) -> dict[str, Any]:
    after = {name: _plain(value) for name, value in row.items() if name != "line"}
    return {"id": None, "customer": row.get("name", ""), "before": {}, "after": after}


def _preview_export(actor: Actor, action: Export, params: dict[str, Any]) -> Preview:
    rows, left_out = action.table(actor).rows.count(), action.left_out(actor).count()
    reasons = [Reason("access_withdrawn", str(action.withheld), left_out)] if left_out else []
    return Preview(action=action, params=params, total=rows + left_out, changing=rows, reasons=reasons)


def invalid_row(problems: Sequence[Problem]) -> InvalidParams:
    """The problems as the errors of a form, with the line where there is more than one; what is taken is a 409."""
    errors: dict[str, list[dict[str, Any]]] = {}
    for problem in problems[:LISTED_PROBLEMS]:
        line = {"line": problem.line} if problem.line > 1 else {}
        errors.setdefault(problem.field, []).append({"code": problem.code, "message": problem.because, **line})
    if len(problems) > LISTED_PROBLEMS:
        message = _("%(count)d more errors are not listed.") % {"count": len(problems) - LISTED_PROBLEMS}
        errors.setdefault("file", []).append({"code": "more_errors", "message": message})
    return InvalidParams(errors, status=409 if any(p.code.endswith(CONFLICTS) for p in problems) else 422)
