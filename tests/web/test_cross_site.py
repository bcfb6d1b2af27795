"""A post of another site: every unsafe route of the resolver, with everything but the right token (R-22)."""

import pytest
from django.apps import apps
from django.test import Client

from tests.web.conftest import signed_in
from tests.web.test_closed_to_strangers import path_of, routes

FOREIGN = {"HTTP_ORIGIN": "https://evil.example", "HTTP_REFERER": "https://evil.example/x",
           "HTTP_SEC_FETCH_SITE": "cross-site"}  # fmt: skip
# Nobody is signed in behind these, or they take no cookie.
TAKES_NO_SESSION = {"healthz", "readyz"}
UNCHANGED = ("Customer", "User", "Role", "Token", "Link", "SystemProperty", "Event", "Job", "Selection", "SavedView",
             "Partner", "Upload", "OutboxMessage")  # fmt: skip


def everything():
    return {name: list(apps.get_model("bailiwick", name).objects.order_by("pk").values()) for name in UNCHANGED}


@pytest.fixture
def olga(world):
    return signed_in(world.olga, enforce_csrf_checks=True)


ATTACKS = {
    "no token": lambda client, path, method: client.generic(method, path, b"a=b", "application/x-www-form-urlencoded"),
    "plain text": lambda client, path, method: client.generic(method, path, b'{"x": 1}', "text/plain"),
    "an invented token": lambda client, path, method: client.generic(
        method, path, b"", "application/json", headers={"X-CSRFToken": "x" * 64}
    ),
    "another site, with the token": lambda client, path, method: client.generic(
        method, path, b"", "application/json", headers={"X-CSRFToken": client.cookies["csrf"].value}, **FOREIGN
    ),
    "an override": lambda client, path, method: client.generic(
        "POST", path, b"_method=" + method.encode(), "application/x-www-form-urlencoded",
        headers={"X-HTTP-Method-Override": method},
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_r22_nothing_is_changed_by_another_site(olga, attack, method):
    olga.get("/account")
    assert olga.cookies["csrf"].value
    before, answered = everything(), {}
    for route in routes():
        if route in TAKES_NO_SESSION:
            continue
        answer = ATTACKS[attack](olga, path_of(route), method)
        if answer.status_code not in (403, 404, 405):
            answered[route] = answer.status_code
    assert answered == {}
    assert everything() == before


def test_the_token_of_another_browser_does_not_fit(olga, world):
    other = Client()
    other.get("/sign-in")
    token = other.cookies["csrf"].value
    answer = olga.post(f"/users/{world.sam.pk}/disable", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    world.sam.refresh_from_db()
    assert world.sam.is_active


def test_the_right_token_of_our_own_page_works(olga, world):
    page = olga.get("/users").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    answer = olga.post(f"/users/{world.sam.pk}/disable", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 302
    world.sam.refresh_from_db()
    assert not world.sam.is_active
