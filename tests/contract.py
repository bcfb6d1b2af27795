"""What the contract suite knows about an action: its example, rows it may be tried on, and its three doors."""

from __future__ import annotations

import importlib
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from types import ModuleType
from typing import Any

from django.db import connection

from bailiwick.access.actor import Actor
from bailiwick.actions import MENU
from bailiwick.engine.action import Action, Change, Create, Reach
from bailiwick.management.act.flags import parser_of
from bailiwick.management.act.run import act
from bailiwick.models import Customer, Job, User
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World

STATE = (
    "transferoffer",
    "customer",
    "customerdetail",
    "customerstat",
    "event",
    "job",
    "user",
    "outboxmessage",
    "systemproperty",
)


@dataclass
class Case:
    """One entry of the menu, with what its own test module offers."""

    action: Action
    world: World

    @property
    def module(self) -> ModuleType:
        name = f"tests.actions.test_{self.action.slug.replace('-', '_')}"
        try:
            found = importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise AssertionError(f"{self.action.slug} has no tests: make {name.replace('.', '/')}.py") from error
        assert hasattr(found, "example"), f"Add `def example(world: World) -> dict` to {name}: params that work."
        return found

    @property
    def user(self) -> User:
        """Olga; a module says who where no operator may."""
        choose = getattr(self.module, "user", None)
        return choose(self.world) if choose else self.world.olga

    @property
    def actor(self) -> Actor:
        """As a script: on a page the number of rows would have to be typed."""
        return self.world.actor(self.user, "api")

    @property
    def slug(self) -> str:
        return self.action.slug

    @property
    def takes_rows(self) -> bool:
        return isinstance(self.action, Change)

    def params(self) -> dict[str, Any]:
        """Values that work."""
        found: dict[str, Any] = self.module.example(self.world)
        return found

    def rows(self, number: int, **values: Any) -> list[Customer]:
        """Customers that the action changes; a module says which where any living one will not do."""
        number = min(number, 1) if self.action.reach is Reach.ONE else number
        make = getattr(self.module, "rows", None)
        return make(self.world, number, **values) if make else self.world.customers(number, **values)

    def select(self, rows: list[Customer]) -> dict[str, list[int]] | None:
        return {"ids": [customer.pk for customer in rows]} if self.takes_rows else None

    def confirm(self, rows: list[Customer]) -> dict[str, Any]:
        return {"confirm": len(rows)} if self.action.destroys else {}

    def stateful(self) -> bool:
        return isinstance(self.action, Change | Create)


def every_case(world: World) -> list[Case]:
    return [Case(action, world) for action in MENU.values()]


def through_web(case: Case, user: User, rows: list[Customer], params: dict[str, Any]) -> int:
    """Submits as the dialog's last step does."""
    browser = signed_in(user, raise_request_exception=False)
    posted = {"select": json.dumps(case.select(rows)), "params": json.dumps(params), **case.confirm(rows)}
    return browser.post(f"/actions/{case.slug}", posted).status_code


def through_api(case: Case, user: User, rows: list[Customer], params: dict[str, Any]) -> int:
    body = {"select": case.select(rows), "params": params, **case.confirm(rows)}
    return Script(user, by=case.world.olga).post(f"/actions/{case.slug}", body).status_code


def through_shell(case: Case, user: User, rows: list[Customer], params: dict[str, Any]) -> int:
    arguments = [case.slug, "--as", user.email, "--yes", "--json"]
    if case.takes_rows:
        arguments += ["--ids", ",".join(str(customer.pk) for customer in rows)]
    for name, value in params.items():
        arguments += [f"--{name.replace('_', '-')}", _as_flag(value)]
    with redirect_stdout(StringIO()):
        return act(arguments)


def _as_flag(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ",".join(map(str, value))
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)


DOORS = {"web": through_web, "api": through_api, "shell": through_shell}


def help_of(case: Case) -> str:
    return parser_of(case.action, case.actor).format_help()


def fingerprint() -> dict[str, str]:
    """Everything that a preview must leave as it is."""
    with connection.cursor() as cursor:
        found = {}
        for table in STATE:
            cursor.execute(
                "SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) FROM "
                f"(SELECT to_jsonb(t) - 'last_login' AS row FROM bailiwick_{table} t) r "
                "WHERE row->>'name' IS DISTINCT FROM 'CREATE_TOKEN'"  # the script's own, before it asks
            )
            found[table] = cursor.fetchone()[0]
    return found


def facts(job: Job) -> dict[str, Any]:
    """What must be equal whichever door a job came through."""
    return {
        "action": job.action,
        "state": job.state,
        "counts": (job.total, job.changed, job.refused, job.failed),
        "title": job.title,
        "fields": sorted(job.params),
    }
