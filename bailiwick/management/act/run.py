"""One action from the command line: exit code 0 done, 1 nothing done, 2 the input cannot be used."""

from __future__ import annotations

import re
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection
from django.utils import timezone
from psycopg.errors import InvalidParameterValue, UndefinedTable

from bailiwick.access.actor import Actor, NotAllowed
from bailiwick.access.wall import Beyond, behind, beyond
from bailiwick.actions import MENU
from bailiwick.engine.action import Export, UnknownAction
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import upload
from bailiwick.engine.preview import preview
from bailiwick.engine.progress import already
from bailiwick.engine.run import run
from bailiwick.engine.submit import submit
from bailiwick.management.act import show
from bailiwick.management.act.flags import parser_of, raw_of, select_of
from bailiwick.management.act.take import take
from bailiwick.management.act.who import actor_at_the_shell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bailiwick.engine.action import Action
    from bailiwick.models import Job

UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DONE, NOTHING_DONE, INVALID = 0, 1, 2
NO_DATABASE = "There is no database of this installation yet. Start it first: bailiwick up."
LOOK_SECONDS, CLAIM_SECONDS = 0.2, 2.0


def act(arguments: Sequence[str]) -> int:
    """Runs the command line and returns its exit code; anticipated errors become sentences."""
    try:
        return _act(list(arguments))
    except (InvalidParams, UnknownAction, NotAllowed) as error:
        show.error(error, as_json="--json" in arguments)
        return NOTHING_DONE if isinstance(error, NotAllowed) else INVALID
    except DatabaseError as error:
        if not _is_missing(error):
            raise
        show.error(InvalidParams.one("", "no_database", NO_DATABASE), as_json="--json" in arguments)
        return INVALID


def _is_missing(error: DatabaseError) -> bool:
    """No server, no tables, or not the role that `bailiwick up` makes."""
    cause = error.__cause__
    no_role = isinstance(cause, InvalidParameterValue) and "role" in str(cause)
    return connection.connection is None or no_role or isinstance(cause, UndefinedTable)


def _act(arguments: list[str]) -> int:
    slug = arguments.pop(0) if arguments and not arguments[0].startswith("-") else None
    action = MENU.entry(slug) if slug else None
    named = _named(arguments)
    asks_help = named is None and not {"-h", "--help"}.isdisjoint(arguments)
    with beyond(Beyond.ARRIVING):
        actor = Actor.console() if asks_help else actor_at_the_shell(named)
    with behind(actor):
        return _as(actor, action, arguments)


def _as(actor: Actor, action: Action | None, arguments: list[str]) -> int:
    if action is None:
        show.menu(MENU.of(actor), as_json="--json" in arguments)
        return DONE
    actor.require(action.permission)
    try:
        options = parser_of(action, actor).parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return _preview(actor, action, options) if options.preview else _submit(actor, action, options)


def _named(arguments: Sequence[str]) -> str | None:
    """The flags depend on the actor, so he is found first."""
    for at, argument in enumerate(arguments):
        if argument == "--as":
            return arguments[at + 1] if at + 1 < len(arguments) else ""
        if argument.startswith("--as="):
            return argument.removeprefix("--as=")
    return None


def _preview(actor: Actor, action: Action, options: argparse.Namespace) -> int:
    raw = _raw(actor, action, options)
    shown = preview(actor, action, select=select_of(options), raw=raw, now=timezone.now())
    show.preview(shown, as_json=options.json)
    return DONE if shown.changing or shown.already or not shown.total else NOTHING_DONE


def _submit(actor: Actor, action: Action, options: argparse.Namespace) -> int:
    raw, select = _raw(actor, action, options), select_of(options)
    if isinstance(action, Export) and not options.json:
        return DONE if take(actor, action, raw, output=options.output) else NOTHING_DONE
    if action.destroys and not options.yes:
        shown = preview(actor, action, select=select, raw=raw, now=timezone.now())
        if not shown.changing:
            show.preview(shown, as_json=options.json)
            return NOTHING_DONE
        if not options.json and shown.refused > shown.already:
            show.preview(shown, as_json=False)
        select = {"ticket": str(shown.selection.logical_id)} if shown.selection else select
        _confirm(shown.total, shown.button)
    job = submit(actor, action, select=select, raw=raw, now=timezone.now(), key=options.key)
    if not job.is_over:
        _see_through(job, action, quiet=options.json)
    show.job(job, actor, as_json=options.json)
    return DONE if job.state == "done" and (job.changed or already(job)[job.pk] or not job.total) else NOTHING_DONE


def _raw(actor: Actor, action: Action, options: argparse.Namespace) -> dict[str, Any]:
    """The values of the flags; where the action takes a file, the flag names it and its content is stored."""
    fields = action.Params(actor=actor).fields
    raw = raw_of(options, fields)
    for name in raw:
        if isinstance(fields[name], upload.UploadField):
            actor.require(action.permission)
            raw[name] = _stored(actor, name, raw[name])
    return raw


def _stored(actor: Actor, name: str, given: str) -> str:
    """The id of the stored file; one that was given before may be named by its id."""
    path = Path(given)
    if UUID_FORM.fullmatch(given) and not path.exists():
        return given
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidParams.one(name, "unreadable", f"{path}: {error.strerror}.") from None
    return str(upload.store(actor, path.name, content, now=timezone.now()).logical_id)


def _confirm(count: int, button: str) -> None:
    if not sys.stdin.isatty():
        raise InvalidParams.one("yes", "confirmation", f"{button}: add --yes to do it.")
    if input(f"{button}. Type {count} to go on: ").strip() != str(count):
        raise InvalidParams.one("confirm", "wrong_count", "This is not the number of selected customers.")


def _see_through(job: Job, action: Action, *, quiet: bool) -> None:
    """Runs the job here unless a worker took it, and goes on should that worker die."""
    with show.bar(job, quiet=quiet) as advance:
        while not job.is_over:
            runner = threading.Thread(target=_run, args=(job, action), daemon=True)
            runner.start()
            until = time.monotonic() + CLAIM_SECONDS
            while not job.is_over and (runner.is_alive() or time.monotonic() < until):
                time.sleep(LOOK_SECONDS)
                job.refresh_from_db()
                advance(job)


def _run(job: Job, action: Action) -> None:
    try:
        run(job, action)
    finally:
        connection.close()
