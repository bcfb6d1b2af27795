"""A thief of the whole database gets in nowhere; no page, file, log or event says a secret again (N-01, N-12, R-39)."""

from __future__ import annotations

import base64
import json
import logging
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from bailiwick.access import links
from bailiwick.access.tokens import actor_for_token
from bailiwick.engine.outbox import deliver
from bailiwick.management.self_test.routes import PARAMETER, queries, routes
from bailiwick.models import Browser, Event, Job, Link, Session, Token, User
from tests.api.client import Script
from tests.engine.test_outbox import relay  # noqa: F401 -- a fixture
from tests.negatives.secrets import dump, halves, plant, seen
from tests.web.conftest import signed_in

if TYPE_CHECKING:
    from tests.world import World

# Whom a page may show it, once: the mail to who may read the mailbox (tests/access/test_mailbox.py says to whom).
OPENING = {"depth": "9", "expand": "*", "include": "user,tokens", "fields": "password,secret_hash"}
MAILBOX = ("mailbox/<int:mail_id>",)


@pytest.fixture
def secrets(world: World) -> dict[str, str]:
    return plant(world)


def test_n01_r39_the_database_its_events_and_jobs_hold_no_secret_that_opens_anything(
    world: World, secrets: dict[str, str]
):
    assert len(secrets) > 20
    held = dump()
    assert "bailiwick_session" in held
    assert "carla@contoso.example" in held
    assert seen(secrets, held) == []
    kept = json.dumps([*Event.objects.values(), *Job.objects.values()], default=str)
    assert Event.objects.count() > 10
    assert seen(secrets, kept) == []
    a_planted_secret_is_seen(world, secrets)


def a_planted_secret_is_seen(world: World, secrets: dict[str, str]) -> None:
    Job.objects.update(params={"message": secrets["the text of a mail"]})
    Event.objects.create(at=timezone.now(), name="X", subject=halves(secrets[f"a token of {world.olga.email}"])[0])
    assert set(seen(secrets, dump())) == {"the text of a mail", f"a token of {world.olga.email}"}


def test_n01_nothing_that_the_database_holds_is_taken_for_a_secret(world: World, secrets: dict[str, str]):
    """Each value of the tables of people, in the forms that a forger would try, at each door that asks for a secret."""
    values = {str(value) for model in (User, Link, Token, Session, Browser) for row in model.objects.values()
              for value in row.values() if value not in (None, "")}  # fmt: skip
    forged = {form for value in values for form in forms_of(value)}
    assert len(forged) > 200
    before = dump_of_people()
    for text in forged:
        with pytest.raises(links.DeadLink):
            links.find(text, timezone.now())
        for header in (f"Token {text}", f"Token bw_{text}", f"Token bw_{key_of(world)}_{text}"):
            assert actor_for_token(header, "192.0.2.1", now=timezone.now()) is None
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = text
        assert browser.session.get("epoch") is None
    assert dump_of_people() == before


def forms_of(value: str) -> list[str]:
    """The value itself, marked as unsigned, hashed for nothing, or encoded as tokens are."""
    encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return [value, f"{{CLEAR}}{value}", f"none:{value}", encoded, f"{none}.{encoded}.", value[:40],
            signing.Signer(key="").sign(value)]  # fmt: skip


def dump_of_people() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (User, Link, Session)]


def key_of(world: World) -> str:
    return Token.objects.filter(user=world.olga).values_list("key", flat=True)[0]


def test_r39_a_mail_is_sent_with_its_text_and_then_forgotten(world: World, secrets: dict[str, str], relay):  # noqa: F811
    link = secrets[f"a reset link of {world.carla.email}"]
    deliver(timezone.now())
    assert any(link in letter.content.decode().replace("=\r\n", "") for letter in relay.letters)
    assert "sealed" not in dump().partition("bailiwick_outboxmessage\n")[2].partition("\nbailiwick_")[0]


@pytest.mark.parametrize(
    "who", ["olga", *(pytest.param(who, marks=pytest.mark.slow) for who in ("sam", "pia", "carla"))]
)
def test_n12_no_answer_of_any_route_says_a_secret_whoever_asks(world: World, secrets: dict[str, str], caplog, who: str):
    """N-28: with every parameter of the OpenAPI document, and those by which others let relations be opened."""
    browser, parameters = signed_in(getattr(world, who), raise_request_exception=False), dict(OPENING)
    session = browser.session
    session["factor"] = True
    session.save()
    document = Script(world.olga).get("/openapi.json").json()
    told, asked, found = queries(document), 0, {}
    with caplog.at_level(logging.DEBUG):
        for route in routes():
            if route.pattern in MAILBOX or "sign-out" in route.pattern:
                continue
            for path in paths(route, world):
                for query in ({}, dict.fromkeys(told.get(route.openapi, ()), "1"), parameters):
                    if query and not route.is_api:
                        continue
                    answer = browser.get(path, query)
                    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                    asked += answer.status_code == 200
                    text = f"{answer.headers}\n{body.decode('utf-8', 'replace')}"
                    if names := [name for name in seen(secrets, text) if not name.startswith(("a session", "a known"))]:
                        found[path] = names
    assert found == {}
    assert seen(secrets, caplog.text) == []
    assert asked > 20


def paths(route, world: World) -> list[str]:
    """The route with the ids of rows that hold secrets; other words as they come."""
    values = {"user_id": world.carla.pk, "customer_id": world.contoso.pk, "partner_id": world.zenith.pk,
              "job_id": Job.objects.values_list("pk", flat=True).last(), "name": "vco.alert.mail.to",
              "slug": "modify-customer", "action": "modify-customer"}  # fmt: skip
    return [PARAMETER.sub(lambda found: str(values.get(found["name"], 1)), f"/{route.pattern}")]


def test_r39_an_error_says_no_secret_on_the_page_nor_in_the_log(
    world: World, secrets: dict[str, str], caplog, monkeypatch
):
    from bailiwick.web.people import account

    def breaks(*_given, **_named):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(account, "_sessions", breaks)
    monkeypatch.setattr("bailiwick.access.tokens.compare_digest", breaks)
    token = secrets[f"a token of {world.olga.email}"]
    with caplog.at_level(logging.DEBUG):
        browser = signed_in(world.olga, raise_request_exception=False)
        key = browser.session.session_key
        page = browser.get("/account", headers={"X-Secret": secrets["password"]})
        api = Client(raise_request_exception=False).get("/api/v1/jobs", headers={"Authorization": f"Token {token}"})
    assert (page.status_code, api.status_code) == (500, 500)
    assert "a fault of ours" in caplog.text
    told = caplog.text + page.content.decode() + api.content.decode()
    assert seen(secrets | {"this session": key}, told) == []
    assert "Traceback" not in page.content.decode() + api.content.decode()
