"""Every route of the program, asked by a stranger: a short list answers, nothing changes (N-08, N-20)."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from bailiwick.models import Customer, Event, SystemProperty, User

OPEN = {
    "activate": "how a device is activated: the address and the pin of the door, the same for everybody",
    "sign-in": "the form itself",
    "sign-in/factor": "sends whoever gave no password back to the form",
    "sign-in/back": "an answer to a question that this browser did not ask is refused",
    "sign-in/passkey": "a challenge, the same for everybody",
    "link/<str:secret>": "the secret is the key",
    "confirm-address/<str:secret>": "the secret is the key",
    "forgot-password": "answers everybody the same",
    "healthz": "fixed words for the supervisor",
    "readyz": "fixed words for the supervisor",
}
UUID = "00000000-0000-4000-8000-000000000000"
SAMPLES = {
    "int": "1",
    "slug": "delete-customer",
    "str": "x",
    "uuid": UUID,
    "uuidstr": UUID,
    "path": "x",
}


def routes():
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns, prefix):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _walk(pattern.url_patterns, route)


def path_of(route):
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found.group(1) or "str"], route).strip("^$")


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Customer, User, SystemProperty, Event)]


def test_there_are_routes_and_the_open_ones_exist():
    assert len(routes()) > 50
    assert set(OPEN) <= set(routes())


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_n20_a_stranger_gets_nothing_and_changes_nothing(world, method):
    before, answered = everything(), {}
    for route in routes():
        if route in OPEN:
            continue
        answer = getattr(Client(), method)(path_of(route))
        to_sign_in = answer.status_code in (301, 302) and answer["Location"].startswith("/sign-in?next=")
        if not to_sign_in and answer.status_code not in (401, 403, 404, 405):
            answered[route] = answer.status_code
    assert answered == {}
    assert everything() == before


def test_n22_what_is_open_names_nobody(world):
    for path in (
        "/sign-in",
        "/sign-in/passkey",
        "/forgot-password",
        "/healthz",
        "/readyz",
        "/link/none",
        "/confirm-address/none",
    ):
        page = Client().get(path).content.decode()
        for secret in (world.olga.email, world.contoso.name, world.acme.name, "Django", "PostgreSQL"):
            assert secret not in page
