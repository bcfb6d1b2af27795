"""The privilege matrix: what every door answers is what bailiwick/access/privileges.csv says (N-06, R-27).

`make privileges` writes the table anew from what the doors answer; the difference is for a reviewer to judge.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from bailiwick.access.permissions import Permission
from bailiwick.access.privileges import privileges
from bailiwick.actions import MENU
from bailiwick.engine.menu import Menu
from bailiwick.management.self_test.routes import routes
from tests.contract import Case
from tests.proofs import matrix
from tests.proofs.matrix import DOORS, PRINCIPALS, READ_ONLY, SCOPES, Cast
from tests.world import World

WRITE = os.environ.get("BAILIWICK_WRITE_PRIVILEGES")
# In the quick form: of each kind one, at the doors in turn.
FEW = ["anonymous", "superuser", "business", "partner-superuser", "partner-business", "customer-superuser",
       "custom-partner", READ_ONLY]  # fmt: skip
PATHS = [route.pattern for route in routes() if not route.parameters]


def table() -> dict[tuple[str, str, str], dict[str, str]]:
    return {line.key: line.words for line in privileges()}


def differences(key: tuple[str, str, str], words: dict[str, str], door: str = "") -> list[str]:
    expected = table().get(key, {})
    return [
        f"{' '.join(key)}, {name}{door and f' at {door}'}: {word}, the table says {expected.get(name)}"
        for name, word in words.items()
        if word != expected.get(name) and not (name == READ_ONLY and word == "-")
    ]


def keys_of_the_program() -> list[tuple[str, str, str]]:
    found = [("permission", each.value, "") for each in Permission]
    for slug, action in MENU.items():
        scopes = SCOPES if hasattr(action, "refusals") else ("any",)
        found += [("action", slug, scope) for scope in scopes]
    return found + [(method, f"/{path}", "") for path in PATHS for method in ("GET", "POST")]


def test_the_table_has_a_line_for_everything_and_no_other():
    assert [line.key for line in privileges()] == keys_of_the_program(), "Run `make privileges`, look at the change."
    assert list(privileges()[0].words) == PRINCIPALS


def test_the_table_says_of_permissions_what_the_roles_have():
    for permission in Permission:
        assert differences(("permission", permission.value, ""), matrix.permission_cells(permission)) == []


@pytest.mark.parametrize("slug", list(MENU))
def test_r27_an_action_answers_as_the_table_says(world: World, slug: str):
    cast, case = Cast(world), Case(MENU[slug], world)
    for turn, scope in enumerate(matrix.scopes_of(case)):
        for place, principal in enumerate(FEW):
            door = "api" if principal == READ_ONLY else DOORS[(turn + place) % len(DOORS)]
            words = matrix.cells(cast, case, scope, door, [principal])
            assert differences(("action", slug, scope), words, door) == []


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("slug", list(MENU))
def test_r27_everybody_gets_at_every_door_what_the_table_says(world: World, slug: str, door: str):
    cast, case = Cast(world), Case(MENU[slug], world)
    for scope in matrix.scopes_of(case):
        words = matrix.cells(cast, case, scope, door, PRINCIPALS)
        assert differences(("action", slug, scope), words, door) == []


def test_r27_a_path_answers_few_as_the_table_says(world: World):
    cast = Cast(world)
    cast.browsers = {name: browser for name, browser in cast.browsers.items() if name in FEW}
    assert [line for path in PATHS[::3] for line in _of_path(cast, path)] == []


@pytest.mark.slow
def test_r27_a_path_answers_everybody_as_the_table_says(world: World):
    cast = Cast(world)
    assert [line for path in PATHS for line in _of_path(cast, path)] == []


def _of_path(cast: Cast, path: str) -> list[str]:
    asked = [(method, matrix.page_cells(cast, method, f"/{path}")) for method in ("GET", "POST")]
    return [line for method, words in asked for line in differences((method, f"/{path}", ""), words)]


def test_a_planted_right_is_found(world: World, monkeypatch: pytest.MonkeyPatch):
    """Red once: an action that asks for a permission which everybody holds."""
    leaky = type("DeleteCustomer", (type(MENU["delete-customer"]),), {"permission": Permission.CUSTOMER_READ})()
    for module in ("web.asked", "api.actions", "management.act.run"):
        monkeypatch.setattr(f"bailiwick.{module}.MENU", Menu([leaky]))
    cast, case = Cast(world), Case(leaky, world)
    for door in DOORS:
        words = matrix.cells(cast, case, "own", door, ["partner-standard", "superuser"])
        [found] = differences(("action", "delete-customer", "own"), words, door)
        assert "partner-standard" in found


def test_write_it_anew(world: World):
    """`make privileges`; in any other run there is nothing to do."""
    if not WRITE:
        return
    cast, lines = Cast(world), {key: {} for key in keys_of_the_program()}
    for permission in Permission:
        lines["permission", permission.value, ""] = matrix.permission_cells(permission)
    for slug, action in MENU.items():
        case = Case(action, world)
        for scope in matrix.scopes_of(case):
            lines["action", slug, scope] = matrix.cells(cast, case, scope, "api", PRINCIPALS)
    for path in PATHS:
        for method in ("GET", "POST"):
            lines[method, f"/{path}", ""] = matrix.page_cells(cast, method, f"/{path}")
    matrix.write(lines)


def test_the_page_shows_what_the_table_says(world: World, monkeypatch: pytest.MonkeyPatch):
    browser = Cast(world).browsers["superuser"]
    shown = browser.get("/roles").content.decode()
    assert shown.count('class="yes"') == _yes(privileges(), scopes=("", "any", "own"))
    turned = [replace(line, words=dict.fromkeys(line.words, "yes")) for line in privileges()]
    monkeypatch.setattr("bailiwick.web.people.roles.privileges", lambda: turned)
    assert browser.get("/roles").content.decode().count('class="yes"') > shown.count('class="yes"')


def _yes(lines, *, scopes) -> int:
    shown = [line for line in lines if line.kind in ("action", "permission") and line.scope in scopes]
    return sum(line.words[role] == "yes" for line in shown for role in [*matrix.LEVELS, "custom-operator"])
