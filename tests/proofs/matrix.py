"""What the doors answer: each principal at each action, scope and door, and at each path without an id."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from bailiwick.access import tokens
from bailiwick.access.permissions import ROLES, Permission
from bailiwick.access.privileges import KEYS, TABLE
from bailiwick.engine.action import Change, Export
from bailiwick.management.act.run import act
from bailiwick.models import Customer, Job, Partner, Role, Upload, User
from tests.contract import Case, _as_flag
from tests.web.conftest import signed_in
from tests.world import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World

LEVELS = {role: level for level, roles in ROLES.items() for role in roles}
# Custom roles, one a level, as somebody might make them: support that may switch alerts, a reader that may not export.
CUSTOM = {
    "custom-operator": ("operator", "support", {"customer.read", "customer.alerts", "event.read", "partner.read"}),
    "custom-partner": ("partner", "partner-support", {"customer.read", "customer.alerts", "token.own"}),
    "custom-customer": ("customer", "customer-support", {"customer.read"}),
}
READ_ONLY = "read-only token"
PRINCIPALS = ["anonymous", *LEVELS, *CUSTOM, READ_ONLY]
SCOPES = ("own", "foreign", "withdrawn", "deleted")
DOORS = ("web", "api", "shell")
WITHDRAWN = {"operator": {"operator_access": False}, "partner": {"partner_access": False}}
WORDS = {401: "sign in", 302: "sign in", 403: "no", 404: "nothing", 409: "closed", 422: "nothing"}


@dataclass
class Cast:
    """One user of each role, at home in Acme and in one of its customers."""

    world: World

    def __post_init__(self) -> None:
        # A partner may pass on what was activated for it: the table tells what a role may, not what was bought.
        Partner.objects.filter(pk=self.world.acme.pk).update(edge_image_management=True)
        self.users = {name: self._user(name) for name in [*LEVELS, *CUSTOM]}
        self.users[READ_ONLY] = self.world.olga
        self.tokens, self.browsers = self._tokens(), self._browsers()

    def _user(self, name: str) -> User:
        level = CUSTOM[name][0] if name in CUSTOM else LEVELS[name]
        home: dict[str, Any] = {} if level == "operator" else {"partner": self.world.acme}
        home |= {"customer": self.world.contoso} if level == "customer" else {}
        if name in CUSTOM:
            _level, base, granted = CUSTOM[name]
            row = Role(level=level, name=name, name_key=name, base=base, permissions=sorted(granted), created_at=NOW)
            row.partner, row.customer = home.get("partner"), home.get("customer")
            row.save()
            home |= {"custom_role": row}
        return self.world.user(f"{name}@matrix.example", level, "custom" if name in CUSTOM else name, **home)

    def _tokens(self) -> dict[str, str]:
        """Made by Olga: not every role may make its own."""
        olga, life = self.world.actor(self.world.olga), timedelta(days=1)
        return {
            name: tokens.create(olga, user, name="matrix", now=timezone.now(), life=life, read_only=name == READ_ONLY)
            for name, user in self.users.items()
        }

    def _browsers(self) -> dict[str, Client]:
        """Each principal's own; the anonymous one is nobody's."""
        found = {name: signed_in(user, raise_request_exception=False) for name, user in self.users.items()}
        return {"anonymous": Client(raise_request_exception=False), **found}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def cells(cast: Cast, case: Case, scope: str, door: str, principals: list[str]) -> dict[str, str]:
    """A word for each principal."""
    found = {}
    for principal in principals:
        with undone():
            found[principal] = _cell(cast, case, scope, door, principal)
    return found


def _cell(cast: Cast, case: Case, scope: str, door: str, principal: str) -> str:
    user = cast.users.get(principal)
    level = user.level if user else "operator"
    if (principal == READ_ONLY and door != "api") or (scope == "foreign" and level == "operator" and user):
        return "-"
    if scope == "withdrawn" and level not in WITHDRAWN:
        return "-"
    rows = _rows(cast, case, scope, user) if isinstance(case.action, Change) else []
    params = case.params()
    if user:
        Upload.objects.update(user_id=user.pk)
    return ASK[door](cast, case, principal, rows, params)


def _rows(cast: Cast, case: Case, scope: str, user: User | None) -> list[Customer]:
    level = user.level if user else "operator"
    partner = cast.world.zenith if scope == "foreign" and level == "partner" else cast.world.acme
    values: dict[str, Any] = dict(WITHDRAWN[level]) if scope == "withdrawn" else {}
    values |= {"partner": partner} if level != "operator" else {}
    rows = case.rows(1, **values)
    if scope == "deleted":
        Customer.objects.filter(pk=rows[0].pk).update(deleted_at=NOW)
    if scope != "foreign" and user and level == "customer":
        User.objects.filter(pk=user.pk).update(customer_id=rows[0].pk)
        Role.objects.filter(users=user.pk).update(customer_id=rows[0].pk)
    return rows


def _web(cast: Cast, case: Case, principal: str, rows: list[Customer], params: dict[str, Any]) -> str:
    posted = {"select": json.dumps(case.select(rows)), "params": json.dumps(params), **case.confirm(rows)}
    before = _newest()
    return _word(case, before, cast.browsers[principal].post(f"/actions/{case.slug}", posted).status_code)


def _api(cast: Cast, case: Case, principal: str, rows: list[Customer], params: dict[str, Any]) -> str:
    token = cast.tokens.get(principal)
    headers = {"Authorization": f"Token {token}"} if token else {}
    body = {"select": case.select(rows), "params": params, **case.confirm(rows)}
    before = _newest()
    client = Client(raise_request_exception=False)
    answer = client.post(f"/api/v1/actions/{case.slug}", body, content_type="application/json", headers=headers)
    return _word(case, before, answer.status_code)


def _shell(cast: Cast, case: Case, principal: str, rows: list[Customer], params: dict[str, Any]) -> str:
    user = cast.users.get(principal)
    arguments = [case.slug, "--as", user.email if user else "nobody@matrix.example", "--yes", "--json"]
    if case.takes_rows:
        arguments += ["--ids", ",".join(str(customer.pk) for customer in rows)]
    for name, value in params.items():
        arguments += [f"--{name.replace('_', '-')}", _as_flag(value)]
    said, before = StringIO(), _newest()
    with redirect_stdout(said):
        code = act(arguments)
    status = {0: 200, 1: 403, 2: 422}[code]
    if code == 2:
        errors = json.loads(said.getvalue())["errors"]
        codes = {error["code"] for found in errors.values() for error in found}
        status = 401 if "unknown_user" in codes else 409 if "access_withdrawn" in codes else 422
    return _word(case, before, status)


ASK = {"web": _web, "api": _api, "shell": _shell}


def _newest() -> int:
    return Job.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _word(case: Case, before: int, status: int) -> str:
    job = Job.objects.order_by("-pk").first()
    if job and job.pk > before:
        return "yes" if job.changed or isinstance(case.action, Export) else "refused"
    return WORDS.get(status, str(status))


def scopes_of(case: Case) -> tuple[str, ...]:
    return SCOPES if isinstance(case.action, Change) else ("any",)


def page_cells(cast: Cast, method: str, path: str) -> dict[str, str]:
    """What a path without an id answers to each principal; an empty post says whether it is looked at."""
    found = {}
    for principal, browser in cast.browsers.items():
        if principal == READ_ONLY:
            continue
        with undone():
            found[principal] = _page_word(_asked(browser, method, path))
    headers = {"Authorization": f"Token {cast.tokens[READ_ONLY]}"}
    with undone():
        answer = _asked(Client(raise_request_exception=False), method, path, headers=headers)
        found[READ_ONLY] = _page_word(answer) if path.startswith("/api/") else "-"
    return found


def _asked(browser: Client, method: str, path: str, **more: Any) -> Any:
    """The answer, read to its end; the browser keeps its cookies, whatever the path does to them."""
    cookies = browser.cookies.output()
    answer = browser.generic(method, path, b"", "application/x-www-form-urlencoded", **more)
    if answer.streaming:
        list(answer.streaming_content)
    browser.cookies = SimpleCookie(cookies.replace("Set-Cookie: ", ""))
    return answer


def _page_word(answer: Any) -> str:
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in?next=")
    if answer.status_code == 401 or to_sign_in:
        return "sign in"
    # Past the door: what it then says of an empty form is not this table's business.
    return {403: "no", 404: "nothing", 405: "-"}.get(answer.status_code, "yes" if answer.status_code < 500 else "500")


def permission_cells(permission: Permission) -> dict[str, str]:
    found = {"anonymous": "no"}
    found |= {role: "yes" if permission in ROLES[level][role] else "no" for role, level in LEVELS.items()}
    found |= {name: "yes" if permission in granted else "no" for name, (_level, _base, granted) in CUSTOM.items()}
    return found | {READ_ONLY: "-"}


def write(lines: dict[tuple[str, str, str], dict[str, str]]) -> None:
    """The table anew; a difference is then seen in review."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*KEYS, *PRINCIPALS])
        writer.writerows([*key, *(words[name] for name in PRINCIPALS)] for key, words in lines.items())
