"""An address reaches the handler that is registered for exactly it, and opens no file (N-03)."""

from __future__ import annotations

import random
import sys
from urllib.parse import quote, unquote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, get_resolver

from bailiwick.management.self_test.routes import PARAMETER, Route, routes
from tests.web.conftest import signed_in
from tests.web.test_closed_to_strangers import path_of
from tests.world import World

TWISTS = ("..", ".", "%2e%2e", "%252e%252e", "..%2f", "%2f", "%5c", "\\", "..\\", "%00", "\0", "//", ";", ";a=b", "%0a",
          "%0d%0a", "?..", "?/../x", "#", "~", ".py", ".pyc", "%c0%ae", "\u2025", "\uff0e\uff0e", "%ff", "etc/passwd",
          "bailiwick/settings", "secret.key", "static", "api", "v1", "customers", "1", "users", "sign-in", "-", " ",
          "healthz", "readyz", "actions", "openapi.json", "@", "*", "+", "%20", "..;/")  # fmt: skip

_watched: list[str] | None = None


def _hook(event: str, arguments: tuple) -> None:
    if _watched is not None and event in ("open", "import"):
        _watched.append(f"{event} {arguments[0]}")


sys.addaudithook(_hook)


@pytest.fixture
def opened():
    """What is opened or imported from now on."""
    global _watched  # noqa: PLW0603 -- a hook cannot be taken away again
    _watched = []
    yield _watched
    _watched = None


def paths(number: int) -> list[str]:
    """Twisted forms of real addresses and of none."""
    dice, real = random.Random(20), [path_of(route.pattern) for route in routes()]
    found = []
    for _ in range(number):
        parts = dice.choice(real).strip("/").split("/") if dice.random() < 0.7 else []
        for _twist in range(dice.randint(1, 3)):
            parts.insert(dice.randint(0, len(parts)), dice.choice(TWISTS))
        found.append(dice.choice(("/", "//", "/./", "/static/", "/static/../")) + dice.choice(("/", "//")).join(parts))
    return found


def misled(path: str) -> str | None:
    """The handler that took an address which is not exactly its own."""
    try:
        match = get_resolver().resolve(path)
    except Resolver404:
        return None
    route = Route(match.route.strip("^$"))
    if not PARAMETER.search(match.route) and match.kwargs == {}:
        return None if f"/{route.pattern}" == path else match.route
    return None if route.path(match.kwargs) == path else match.route


def test_n03_no_twisted_address_reaches_another_handler():
    decoded = [unquote(path.partition("?")[0], errors="replace") for path in paths(2_000)]
    assert [(path, taken) for path in decoded if (taken := misled(path))] == []


def test_n03_an_address_that_is_taken_is_recognised():
    """Otherwise the test above would see nothing."""
    assert get_resolver().resolve("/users/7/disable").route == "users/<int:user_id>/<str:what>"
    assert misled("/users/07/disable") == "users/<int:user_id>/<str:what>"


def ask(client: Client, path: str) -> int:
    place, _mark, query = path.partition("?")
    answer = client.get(unquote(place, errors="replace") or "/", QUERY_STRING=quote(query))
    if answer.streaming:
        list(answer.streaming_content)
    return answer.status_code


def outside(opened: list[str]) -> list[str]:
    """Files other than the static ones, which any browser may read; and modules that are loaded by an address."""
    static = tuple(f"open {place}/" for place in (settings.STATIC_ROOT, *_static()))
    return [each for each in opened if not each.startswith(static)]


def _static() -> list[str]:
    from django.contrib.staticfiles.finders import get_finders

    return [storage.location for finder in get_finders() for storage in getattr(finder, "storages", {}).values()]


@pytest.mark.parametrize("who", ["a stranger", "a superuser"])
def test_n03_no_twisted_address_opens_a_file_or_loads_a_module(world: World, opened: list[str], who: str):
    client = Client(raise_request_exception=False)
    if who == "a superuser":
        client = signed_in(world.olga, raise_request_exception=False)
    warm = [path_of(route.pattern) for route in routes() if "sign-out" not in route.pattern]
    for path in (*warm, "/nothing/here", "/static/none"):
        ask(client, path)
    opened.clear()
    statuses = {ask(client, path) for path in paths(400 if who == "a stranger" else 150)}
    assert outside(opened) == []
    assert 500 not in statuses
    assert statuses & {302, 404}


def test_n03_an_opened_file_is_seen(opened: list[str]):
    with open(__file__):  # noqa: PTH123 -- what the hook hears
        pass
    assert outside(opened)
