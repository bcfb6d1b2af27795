"""What a database would take for a part of its language is text at every parameter of every route (N-02)."""

from __future__ import annotations

import logging
import re
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path
from django.utils import timezone

from bailiwick.access.wall import Beyond, beyond
from bailiwick.management.self_test.ask import ALL, Answer, Portal, Question
from bailiwick.management.self_test.crawl import METHODS, Crawl, _worded
from bailiwick.management.self_test.names import FILTERS, PAGING
from bailiwick.management.self_test.planted import plant
from bailiwick.management.self_test.routes import PARAMETER, Route, bodies, queries, routes
from bailiwick.models import Customer
from tests.api.client import Script
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

# By what a scanner knows an injection: an error of the server, a pause, a second answer, rows of another table.
ATTACKS = {
    "boolean": ("1' OR '1'='1", "1 OR 1=1", "1) OR (1=1", '1" OR "1"="1', "1' AND 1=(SELECT 1)--"),
    "time": ("1'||pg_sleep(3)||'", "1;SELECT pg_sleep(3)--", "1)) OR (SELECT pg_sleep(3)) IS NULL--"),
    "union": ("1' UNION SELECT NULL,version(),NULL--", "1 UNION ALL SELECT usename FROM pg_user--"),
    "stacked": ("1'; DELETE FROM bailiwick_customer--", "1; UPDATE bailiwick_user SET level='operator'--"),
    "error": ("1' AND 1=CAST(version() AS int)--", "1 AND 1/(SELECT 0)=1", "'", '"', "\\", "%", "%s", "{0}", "$$"),
}
PAYLOADS = [text for kind in ATTACKS.values() for text in kind]
PAUSE = 2.5
TOLD = re.compile(
    r"PostgreSQL \d|syntax error at|psycopg|unterminated|invalid input syntax|pg_catalog|SQLSTATE|Traceback"
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class Injection:
    """Puts one payload after the other into each parameter; every so-manieth of all in the quick form."""

    def __init__(self, world: World, step: int) -> None:
        document = Script(world.olga).get("/openapi.json").json()
        session = plant("partner", now=timezone.now())
        self.crawl = Crawl(Portal(), session, bodies(document), queries(document))
        self.step, self.turn, self.tried = step, count(), 0
        self.found: list[tuple[str, str]] = []

    def route(self, route: Route) -> None:
        for method in METHODS:
            self._method(route, method)
        for name in route.parameters:
            for text in self._due():
                self.ask(Question("GET", _path(route, {name: text}), is_json=route.is_api))

    def _method(self, route: Route, method: str) -> None:
        own = self.crawl._own(route, method, _words(route))
        answer = self.crawl._ask(own)
        if answer.status == 405:
            return
        body = self.crawl._body(route, _words(route), answer) if method != "GET" else {}
        for name in _named(answer.query | self.crawl.declared.get(route.openapi, frozenset())):
            for text in self._due():
                self.ask(Question(method, own.path, query={name: text}, body=body, is_json=own.is_json))
        for name in sorted({*body, *answer.form} - {ALL}) if method != "GET" else ():
            for text in self._due():
                self.ask(Question(method, own.path, body={**body, name: text}, is_json=own.is_json))

    def _due(self) -> Iterator[str]:
        return (text for text in PAYLOADS if next(self.turn) % self.step == 0)

    def ask(self, question: Question) -> None:
        self.tried += 1
        answer, seconds = self._timed(question)
        if seconds > PAUSE:  # a machine that was busy is quick the second time; a sleep is not
            answer, seconds = self._timed(question)
        if told := told_by(answer, seconds):
            self.found.append((str(question), told))

    def _timed(self, question: Question) -> tuple[Answer, float]:
        began = timezone.now()
        answer = self.crawl._ask(question)
        return answer, (timezone.now() - began).total_seconds()


def told_by(answer: Answer, seconds: float) -> str:
    """What the answer tells somebody who looks for an injection."""
    if answer.status >= 500:
        return f"status {answer.status}"
    if seconds > PAUSE:
        return f"{seconds} seconds"
    said = TOLD.search(answer.text)
    return said[0] if said else ""


def _words(route: Route) -> dict[str, str]:
    return _worded(route)[0]


def _path(route: Route, put: dict[str, str]) -> str:
    known = dict.fromkeys(route.parameters, "1") | _words(route) | put
    return "/" + PARAMETER.sub(lambda found: known[found["name"]], route.pattern)


def _named(names: frozenset[str]) -> list[str]:
    return sorted({*names, *(FILTERS if ALL in names else ()), *(PAGING if ALL in names else ())} - {ALL})


# In the quick form some payloads at some parameters of every sixth route; the crawl of R-28 asks the same routes.
@pytest.mark.parametrize(("step", "every"), [(19, 6), pytest.param(1, 1, marks=pytest.mark.slow)])
def test_n02_no_parameter_of_any_route_is_a_part_of_sql(world: World, step: int, every: int):
    asking = Injection(world, step)
    rows = list(Customer.objects.order_by("pk").values())
    for route in routes()[every // 2 :: every]:
        asking.route(route)
    assert asking.found == []
    assert list(Customer.objects.order_by("pk").values()) == rows
    assert asking.tried > (60 if every > 1 else 15_000)


def spliced(request: Any) -> HttpResponse:
    with beyond(Beyond.NAMING):
        text = request.GET.get("q", "")
        rows = Customer.objects.raw(f"SELECT * FROM bailiwick_customer WHERE name = '{text}'")
        return HttpResponse(str(len(list(rows))))


class Planted:
    urlpatterns = [path("planted", spliced), path("", include("bailiwick.urls"))]


def test_n02_a_planted_injection_is_found(world: World):
    """By its errors, by its pause, by what it tells; what cannot be told apart so changes rows."""
    with override_settings(ROOT_URLCONF=Planted):
        asking = Injection(world, 1)
        for text in ("'", "' OR (SELECT pg_sleep(3)) IS NULL--", "' OR 1=CAST(version() AS int)--", "plain"):
            asking.ask(Question("GET", "/planted", query={"q": text}))
    assert [told.split()[-1] for _question, told in asking.found] == ["500", "seconds", "500"]
