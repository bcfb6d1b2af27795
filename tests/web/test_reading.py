"""Who only asks writes nothing: the database itself refuses it to GET and HEAD (docs/adr/0011)."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from bailiwick.management.self_test.ask import Portal
from bailiwick.management.self_test.crawl import Crawl, _worded
from bailiwick.management.self_test.planted import plant
from bailiwick.management.self_test.routes import routes
from bailiwick.models import Event, Session, SoftwareImage, Token
from bailiwick.wsgi import application
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World


def ask(method: str, path: str, **headers: str) -> tuple[int, bytes]:
    """A request as gunicorn hands it over."""
    heard: list[str] = []
    request = RequestFactory().generic(method, path, headers=headers).environ
    answer = application(request, lambda status, _headers, _info=None: heard.append(status))
    try:
        return int(heard[0][:3]), b"".join(answer)
    finally:
        answer.close()


@pytest.fixture
def planted(transactional_db, settings):
    settings.ROOT_URLCONF = "tests.web.planted"
    yield
    connection.reads_only = False
    connection.close()


@pytest.fixture
def served(transactional_db):
    yield World()
    connection.reads_only = False
    connection.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_d12_a_write_planted_in_a_request_that_asks_is_refused(planted, method):
    assert ask(method, "/readyz/writes")[0] == 500
    assert not SoftwareImage.objects.exists()


def test_d12_the_same_write_is_done_by_a_request_that_acts_whatever_came_before(planted):
    assert ask("GET", "/readyz")[0] == 200
    assert ask("POST", "/readyz/writes") == (200, b"written")
    assert ask("GET", "/readyz/writes")[0] == 500
    assert SoftwareImage.objects.count() == 1


def test_d12_a_new_connection_is_told_too(planted):
    connection.close()
    assert ask("GET", "/readyz/writes")[0] == 500


def test_d12_a_connection_with_errors_is_told_too(planted):
    ask("POST", "/readyz/breaks")
    assert ask("GET", "/readyz/writes")[0] == 500
    ask("GET", "/readyz/breaks")
    assert ask("POST", "/readyz/writes")[0] == 200


def test_d12_a_write_with_a_name_is_done(planted):
    assert ask("GET", "/readyz/noted") == (200, b"written")
    assert SoftwareImage.objects.count() == 1


@pytest.fixture
def rounds(monkeypatch):
    """Every time that psycopg waits for the server."""
    counted, wait = [], psycopg.Connection.wait
    monkeypatch.setattr(psycopg.Connection, "wait", lambda *args, **named: counted.append(1) or wait(*args, **named))
    return counted


def test_d12_it_costs_no_round_trip(served, rounds):
    ask("GET", "/readyz")
    rounds.clear()
    assert ask("GET", "/readyz")[0] == 200
    assert len(rounds) == 2, "one that asks whether the connection lives, and the view's own"


def test_what_is_noted_while_somebody_reads_is_written(served):
    served.customers(2)
    script, browser = Script(served.olga), signed_in(served.olga)
    session = browser.session
    session["seen"] -= 120
    session.save()
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}
    assert ask("GET", "/customers", **cookie)[0] == 200
    assert browser.session["seen"] > timezone.now().timestamp() - 60
    status, file = ask("GET", "/api/v1/exports/customers.csv", Authorization=f"Token {script.token}")
    assert (status, file.count(b"\n") >= 3) == (200, True)
    assert Token.objects.get().last_used_at
    assert Event.objects.filter(name__contains="EXPORT").count() == 1


def test_a_session_that_has_had_its_time_ends_while_somebody_reads(served):
    browser = signed_in(served.olga)
    session = browser.session
    session["epoch"] = -1
    session.save()
    assert ask("GET", "/customers", Cookie=f"{settings.SESSION_COOKIE_NAME}={session.session_key}")[0] == 302
    assert not Session.objects.exists()


def asked_of_all(key: str, method: str = "GET") -> Counter[int]:
    """Every route of the resolver with the asker's own ids, in transactions that only read: how often which status."""
    crawl = Crawl(Portal(), key, {}, {})
    paths = {crawl._own(route, method, words).path for route in routes() for words in _worded(route)}
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"} if key else {}
    asked = {path: ask(method, path, **cookie)[0] for path in sorted(paths)}
    assert {path: status for path, status in asked.items() if status >= 500} == {}, "it writes, or it breaks"
    return Counter(asked.values())


# How many answers are pages at least: a crawl that saw nothing but refusals would prove nothing.
PAGES = {"operator": 50, "partner": 45, "customer": 30, "": 5}


@pytest.mark.parametrize("level", PAGES)
def test_d12_every_address_can_be_asked_by_every_level_without_writing(served, level):
    key = signed_in(served.olga).session.session_key if level == "operator" else ""
    if level:
        with transaction.atomic():
            planted_key = plant(level if level != "operator" else "partner", now=timezone.now())
        key = key or planted_key
    assert asked_of_all(key)[200] >= PAGES[level]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_d12_nor_do_the_other_methods_that_ask(served, method):
    with transaction.atomic():
        key = plant("partner", now=timezone.now())
    assert asked_of_all(key, method)


def test_d12_the_crawl_finds_a_write_that_is_planted(planted):
    with pytest.raises(AssertionError, match="readyz/writes"):
        asked_of_all("")
