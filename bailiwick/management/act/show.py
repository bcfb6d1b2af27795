"""What the shell shows: tables and a bar for people, JSON for scripts."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.progress import already, delivery, reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.engine.left_alone import Reason
    from bailiwick.engine.preview import Preview
    from bailiwick.models import Job


LISTED = 20


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def menu(actions: Iterable[Action], *, as_json: bool) -> None:
    """The entries that the actor may use."""
    rows = [{"slug": action.slug, "label": str(action.label), "help": action.help} for action in actions]
    if as_json:
        _print_json(rows)
        return
    table = Table("Action", "What it does", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["slug"], escape(row["help"]))
    Console().print(table)
    Console().print("\nFlags of one: bailiwick act SLUG --help", highlight=False)


def preview(shown: Preview, *, as_json: bool) -> None:
    """What would happen now."""
    if as_json:
        ticket = shown.selection.logical_id if shown.selection else None
        refused = shown.refused - shown.already
        counts = {"ticket": ticket, "total": shown.total, "will_change": shown.changing, "already": shown.already}
        plan = [line._asdict() for line in shown.plan.lines] if shown.plan else None
        _print_json(
            counts
            | {
                "refused": refused,
                "plan": plan,
                "reasons": [_reason_json(reason) for reason in shown.reasons],
                "problems": [each._asdict() for each in shown.problems],
                "sample": list(shown.sample),
                "consequences": [str(s) for s in shown.consequences],
            }
        )
        return
    _say(f"{shown.changing:,} of {shown.total:,} will change.")
    _table([(reason.code, _named(reason), reason.count) for reason in shown.reasons])
    _lines(shown)
    for sentence in shown.consequences:
        _say(str(sentence))


def job(done: Job, actor: Actor, *, as_json: bool) -> None:
    """What became of a job."""
    found = [(row["code"], row["reason"], row["count"]) for row in reasons(done)]
    mails = delivery(actor, done)
    if as_json:
        so_before = already(done)[done.pk]
        counts = {name: getattr(done, name) for name in ("changed", "failed", "pending")}
        counts |= {"already": so_before, "refused": done.refused - so_before}
        facts = {"id": done.logical_id, "state": done.state, "title": done.title, "total": done.total, "counts": counts}
        _print_json(
            facts | {"reasons": _reasons_json(found), "result": done.result, "mail": mails, "error": done.error}
        )
        return
    _say(f"{done.title}: {done.changed:,} of {done.total:,} changed ({done.state}).")
    _table(found)
    for mail in mails:
        _say(f"Mail to {mail['to']}: {mail['state']}, {mail['tries']} tries. {mail['error']}".rstrip())
    if done.error:
        _say(done.error)


def error(problem: Exception, *, as_json: bool) -> None:
    """Why nothing was done, beside the flag."""
    found = problem.errors if isinstance(problem, InvalidParams) else {"": [{"message": _sentence(problem)}]}
    if as_json:
        _print_json({"errors": found})
        return
    console = Console(stderr=True, highlight=False)
    for name, errors in found.items():
        for one in errors:
            prefix = f"--{name.replace('_', '-')}: " if name else ""
            if "line" in one:
                prefix = f"line {one['line']}, {name}: "
            console.print(escape(prefix + str(one["message"])), soft_wrap=True)


def _sentence(problem: Exception) -> str:
    if type(problem).__name__ == "UnknownAction":
        return f"There is no action {problem}. `bailiwick act` lists them."
    return str(problem)


@contextmanager
def bar(running: Job, *, quiet: bool) -> Iterator[Callable[[Job], None]]:
    """A progress bar on standard error; how far the job is goes in through what is yielded."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task(escape(running.title), total=running.total)
        yield lambda job: progress.update(task, completed=job.total - job.pending)


def _say(sentence: str) -> None:
    Console(highlight=False).print(escape(sentence), soft_wrap=True)


def _table(found: list[tuple[str, str, int]]) -> None:
    if found:
        table = Table("Left alone", "Count", box=None, pad_edge=False)
        for _code, reason, count in found:
            table.add_row(escape(reason), f"{count:,}")
        Console().print(table)


def _named(reason: Reason) -> str:
    """Why, and of whom the first are."""
    others = f" and {reason.others:,} more" * bool(reason.others)
    return f"{reason.because} {', '.join(reason.customers)}{others}" if reason.customers else str(reason.because)


def _lines(shown: Preview) -> None:
    """The first lines of a file that are wrong, and the first customers with what changes."""
    if shown.problems:
        table = Table("Line", "Field", "Why", box=None, pad_edge=False)
        for problem in shown.problems[:LISTED]:
            table.add_row(str(problem.line), escape(problem.field), escape(str(problem.because)))
        Console().print(table)
    if any(row["before"] for row in shown.sample):
        table = Table("Customer", "What", "Before", "After", box=None, pad_edge=False)
        for row in shown.sample:
            for name, after in row["after"].items():
                table.add_row(escape(row["customer"]), name, escape(str(row["before"][name])), escape(str(after)))
        Console().print(table)


def _reason_json(reason: Reason) -> dict[str, Any]:
    (told,) = _reasons_json([(reason.code, str(reason.because), reason.count)])
    return {**told, "harmless": reason.harmless, "customers": list(reason.customers)}


def _reasons_json(found: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    return [{"code": code, "reason": reason, "count": count} for code, reason, count in found]
