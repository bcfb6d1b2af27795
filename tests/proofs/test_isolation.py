"""Isolation as a property: the same walk of commands beside different foreign data gives byte-equal answers (R-29).

Made independent of the foreign data: ids (every sequence is set to the same number before the own rows, before the
foreign ones and before the walk) and the clock (frozen). Replaced by a word, as they are random or the database's own
clock: UUIDs, CSRF tokens, keys of tokens, moments in ISO form, and how many rows a second a job made. Names of
customers are unique in the whole installation, so the walk takes none that the foreign data has.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, CustomerDetail, Event, GatewayPool, OutboxMessage, Role
from tests.api.client import Script
from tests.proofs.test_crawl import Leaky
from tests.web.conftest import signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN, FOREIGN, WALK = 1_000_000, 2_000_000, 3_000_000
RANDOM = (
    (rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"UUID"),
    (rb"\b[A-Za-z0-9]{64}\b", b"CSRF"),
    (rb"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])", b"KEY"),
    (rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", b"MOMENT"),
    (rb'"(rate|seconds_left)":\s*[\d.null]+', b"RATE"),
    (rb"[\d,.]+ a second", b"RATE"),
)
SORTS = ("name", "-name", "edges", "-edges", "partner", "created_at", "-status", "city", "gateway_pool")
FILTERS: tuple[dict[str, str], ...] = (
    {}, {"search": "customer"}, {"search": "00"}, {"search": "c"}, {"state": "down"}, {"edges_min": "1"},
    {"partner": "none"}, {"partner": str(FOREIGN)}, {"alerts_enabled": "false"}, {"name.starts": "cust"},
)  # fmt: skip
SELECTS: tuple[dict[str, Any], ...] = (
    {"ids": [OWN]}, {"ids": [OWN, OWN + 1]}, {"ids": [OWN, FOREIGN, FOREIGN + 1]}, {"matching": {}},
    {"matching": {"search": "customer"}},
)  # fmt: skip
DEEDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("update-customer-alerts", {"enabled": "false"}), ("update-customer-alerts", {"enabled": "true"}),
    ("support-email", {"subject": "Tonight", "message": "Maintenance"}), ("delete-customer", {}),
    ("transfer-to-partner", {"partner": FOREIGN}), ("modify-customer", {"city": "Bern"}),
)  # fmt: skip
PAGES = (
    "/jobs", "/jobs/running", "/events", "/users", "/roles", "/offers", "/our-settings", "/customers/deleted",
    "/search?q=cust",
    "/customers/filter", "/pick/partners?q=", "/pick/gateway-pools?q=d", "/pick/operator-profiles?q=", "/account",
    "/actions/menu?count=2", f"/customers/{OWN}", f"/customers/{OWN}/events", f"/jobs/{WALK}", f"/jobs/{WALK}/rows",
    f"/jobs/{FOREIGN}", f"/customers/{FOREIGN}",
)  # fmt: skip
READ = ("/edges", "/events", "/jobs", "/users", "/partners", "/transfer-offers", "/actions", f"/jobs/{WALK}",
        f"/jobs/{WALK}/outcomes", f"/events?customer={FOREIGN}", f"/edges?customer={FOREIGN}")  # fmt: skip
COMMANDS = [
    *(("page", f"/customers?{urlencode({'sort': sort, **asked})}", None) for sort, asked in product(SORTS, FILTERS)),
    *(("rest", f"/customers?{urlencode({'sort': sort, **asked})}", None) for sort, asked in product(SORTS, FILTERS)),
    *(("page", path, None) for path in PAGES * 4),
    *(("rest", path, None) for path in READ * 4),
    *(
        ("deed", f"/actions/{slug}{end}", {"select": select, "params": params})
        for (slug, params), select, end in product(DEEDS, SELECTS, ("/preview", ""))
    ),
]
WALKS = st.lists(st.sampled_from(COMMANDS), min_size=4, max_size=14)


def count_from(number: int) -> None:
    """The next row of every table gets this id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s, false) FROM pg_sequences "
            "WHERE schemaname = 'public'", [number],
        )  # fmt: skip


def own(world: World) -> None:
    for number, made in enumerate(world.customers(6, partner=world.acme)):
        world.edges(made, number)
        CustomerDetail.objects.filter(pk=made.pk).update(city=f"City {number}", contact_email=f"d{number}@x.example")
    world.customer("Gone", partner=world.acme, deleted_at=NOW)


def other(world: World) -> None:
    """Much, and as alike as can be."""
    for owner in (world.zenith, None):
        for number, made in enumerate(world.customers(8, partner=owner, operator_user_management=True)):
            world.edges(made, number, state="OFFLINE")
            world.user(f"admin@{made.pk}.example", "customer", "customer-superuser", customer=made, partner=owner)
    gone = world.customer("Gone too", partner=world.zenith, deleted_at=NOW)
    GatewayPool.objects.create(name="Default of Zenith", name_key="default of zenith", partner=world.zenith)
    Role.objects.create(
        level="partner", partner=world.zenith, name="R", name_key="r", base="partner-support", created_at=NOW
    )
    stranger = world.actor(world.stranger, "api")
    for action, params in (DEEDS[0], DEEDS[3]):
        submit(stranger, MENU[action], select={"ids": [FOREIGN, FOREIGN + 1]}, raw=params, now=NOW)
    Event.objects.create(at=NOW, name="UPDATE_ENTERPRISE", actor_name="x", door="web", customer_id=gone.pk,
                         partner_id=world.zenith.pk, subject="Customer")  # fmt: skip
    OutboxMessage.objects.create(key="x", kind="mail", payload={}, created_at=NOW, due_at=NOW)


def nobody(_world: World) -> None:
    """Nothing at all."""


@contextmanager
def beside(foreign: Any) -> Iterator[tuple[Any, Any]]:
    """Pia's browser and her script, in a world with this foreign data, undone afterwards."""
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        count_from(OWN)
        world = World()
        own(world)
        page, script = signed_in(world.pia, raise_request_exception=False), Script(world.pia)
        count_from(FOREIGN)
        foreign(world)
        count_from(WALK)
        yield page, script
        transaction.set_rollback(True)


def answers(foreign: Any, walk: list[Any]) -> list[tuple[Any, int, bytes]]:
    with beside(foreign) as (page, script):
        found = []
        for kind, path, body in walk:
            answer = page.get(path) if kind == "page" else script.post(path, body) if body else script.get(path)
            found.append(((kind, path, body), answer.status_code, told(answer)))
        return found


def told(answer: Any) -> bytes:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for pattern, word in RANDOM:
        body = re.sub(pattern, word, body)
    return body


def check(walk: list[Any]) -> None:
    alone, among = answers(nobody, walk), answers(other, walk)
    assert alone == among


@pytest.mark.django_db
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(WALKS)
def test_r29_what_others_have_changes_no_byte(walk):
    check(walk)


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(WALKS)
def test_r29_what_others_have_changes_no_byte_of_long_walks(walk):
    check(walk)


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(4))
def test_r29_each_command_once(part: int):
    check(
        [command for command in COMMANDS if command[0] != "page" or "sort=name" in command[1] or "?" not in command[1]][
            part::16
        ]
    )


@pytest.mark.django_db
def test_the_walk_gets_somewhere():
    """Otherwise it would compare refusals with refusals."""
    found = answers(other, [command for command in COMMANDS if command[0] == "deed" or command[1] in PAGES])
    statuses = [status for _command, status, _told in found]
    assert statuses.count(200) > len(statuses) // 2
    assert any(b'"changed": 5' in told for _command, _status, told in found)


@pytest.mark.django_db
def test_a_planted_leak_is_found():
    """Red once: a number that counts what others have too."""
    leaky = Leaky("leaky", lambda _request: HttpResponse(f"{Customer.objects.count()} customers"))
    with override_settings(ROOT_URLCONF=leaky), pytest.raises(AssertionError):
        check([("page", "/leaky", None)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["exports/customers.csv", "exports/edge-inventory.csv", "exports/view.csv?search=cust"]
)
def test_r29_no_byte_of_a_file_either(path: str):
    """Files are made on a connection of their own: committed rows, one run and then the other in the same database."""
    with time_machine.travel(NOW, tick=False):
        count_from(OWN)
        world = World()
        own(world)
        script = Script(world.pia)
        alone = told(script.get(f"/{path}"))
        count_from(FOREIGN)
        other(world)
        assert alone == told(script.get(f"/{path}"))
    assert alone.count(b"\n") >= 6
