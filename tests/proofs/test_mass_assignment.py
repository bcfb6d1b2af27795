"""Mass assignment: what the program decides is not decided by a request, at any route that writes (N-32, API3)."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from bailiwick.management.self_test.ask import Portal, Question
from bailiwick.management.self_test.crawl import Crawl
from bailiwick.management.self_test.planted import plant
from bailiwick.management.self_test.routes import bodies, routes
from bailiwick.management.self_test.sides import FOREIGN, OWN
from bailiwick.models import Customer, Edge, Event, Job, Partner, Role, Token, User
from tests.api.client import Script
from tests.proofs.test_crawl import LEVELS, Leaky
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

# Who owns a row, who it is, and what it may: never a field of a form or of JSON.
DECIDED = ("id", "pk", "logical_id", "partner_id", "customer_id", "user_id", "level", "is_native", "epoch", "password",
           "deleted_at", "created_at", "custom_role_id", "secret_hash", "bastion_state", "actor_name", "is_superuser",
           "is_staff")  # fmt: skip
OWNERS = {
    User: ("logical_id", "level", "partner_id", "customer_id", "password", "is_native"),
    Customer: ("logical_id", "partner_id", "created_at", "bastion_state"),
    Partner: ("logical_id", "created_at"), Role: ("level", "partner_id", "customer_id"),
    Token: ("user_id", "secret_hash"), Edge: ("customer_id", "partner_id"),
    Job: ("user_id", "partner_id", "actor_name"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def decided() -> dict[str, Any]:
    """What stands in the rows that were there before, and whose the new ones are."""
    found = {model.__name__: list(model.objects.filter(pk__gte=OWN.number).order_by("pk").values_list("pk", *names))
             for model, names in OWNERS.items()}  # fmt: skip
    found["foreign"] = [model.objects.exclude(pk__gte=OWN.number).filter(partner_id=FOREIGN.number).count()
                        for model in (User, Customer, Role, Job, Event)]  # fmt: skip
    return found


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("alone", [0, pytest.param(6, marks=pytest.mark.slow)])
def test_n32_no_route_takes_what_the_program_decides(world: World, level: str, alone: int):
    """All that the program decides in one body, a level at half of the routes; in the long form singly, at all."""
    document = Script(world.olga).get("/openapi.json").json()
    asker = Crawl(Portal(), plant(level, now=timezone.now()), bodies(document))
    before, taken, sent = decided(), [], 0
    some = routes() if alone else routes()[LEVELS.index(level) :: len(LEVELS)]
    for question in [question for route in some for question in asker.writes(route)]:
        with transaction.atomic():
            sent += send(asker.session, question, alone) < 400
            taken += [(str(question), name) for name in wrong(before, decided())]
            transaction.set_rollback(True)
    assert taken == []
    assert sent > 10, "It must write, or the test proves nothing."


def wrong(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Rows may come and go; none may become another's, and nothing may come to the other side."""
    there = {name: {row[0]: row for row in rows} for name, rows in now.items() if name != "foreign"}
    changed = [name for name, known in there.items() if any(known.get(row[0], row) != row for row in before[name])]
    return changed + (["foreign"] if now["foreign"] != before["foreign"] else [])


def send(session: str, question: Question, alone: int = 0) -> int:
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    body = dict.fromkeys(DECIDED, FOREIGN.number) | question.body
    if not question.is_json:
        body["params"] = json.dumps(json.loads(body.get("params", "{}")) | dict.fromkeys(DECIDED, FOREIGN.number))
        return client.post(question.path, body).status_code
    bodies_sent = (body, question.body, *({**question.body, name: FOREIGN.number} for name in DECIDED[:alone]))
    return min(
        client.generic(question.method, question.path, json.dumps(each), "application/json").status_code
        for each in bodies_sent
    )


def takes_all(request: Any) -> HttpResponse:
    User.objects.filter(pk=request.actor.user_id).update(partner_id=request.POST.get("partner_id") or OWN.number)
    return HttpResponse("saved")


def test_a_planted_form_that_takes_all_is_found(world: World):
    with override_settings(ROOT_URLCONF=Leaky("leaky", takes_all)):
        session, before = plant("partner", now=timezone.now()), decided()
        send(session, Question("POST", "/leaky", body={}))
        assert wrong(before, decided()) == ["User"]
