"""Nothing but a living session or token says who asks: no header, no host, no address (N-11, N-16, N-17)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.access import tokens
from bailiwick.models import Token
from tests.web.test_closed_to_strangers import OPEN, everything, path_of, routes
from tests.world import World

LOCAL = [
    {"Host": "localhost"}, {"Host": "127.0.0.1"}, {"Host": "[::1]"}, {"Host": "localhost:8080"},
    {"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1", "X-Forwarded-Host": "localhost"},
    {"X-Original-Url": "/healthz", "X-Rewrite-Url": "/healthz"}, {"X-Remote-User": "olga@operator.example",
     "Remote-User": "olga@operator.example", "X-Forwarded-User": "olga@operator.example"},
    {"X-Http-Method-Override": "GET"}, {"Authorization": "Basic Og=="}, {"X-Ssl-Client-Verify": "SUCCESS"},
]  # fmt: skip


@pytest.mark.parametrize("headers", LOCAL, ids=" ".join)
def test_n16_no_route_opens_for_a_host_an_address_or_a_header(world: World, headers: dict[str, str]):
    before, opened = everything(), {}
    for route in routes()[::2]:
        if route in OPEN:
            continue
        answer = Client(raise_request_exception=False, REMOTE_ADDR="127.0.0.1").get(path_of(route), headers=headers)
        to_sign_in = answer.status_code in (301, 302) and answer["Location"].startswith("/sign-in?next=")
        if not to_sign_in and answer.status_code not in (401, 404, 405):
            opened[route] = answer.status_code
    assert opened == {}
    assert everything() == before


def test_n11_no_route_of_the_api_takes_a_token_that_is_none(world: World):
    now = timezone.now()
    living, expired, revoked, removed = (
        tokens.create(world.actor(world.olga), user, name="t", now=now, life=timedelta(days=1))
        for user in (world.olga, world.olga, world.olga, world.stan)
    )
    rows = list(Token.objects.order_by("pk"))
    Token.objects.filter(pk=rows[1].pk).update(expires_at=now)
    Token.objects.filter(pk=rows[2].pk).update(revoked_at=now)
    type(world.stan).objects.filter(pk=world.stan.pk).update(deleted_at=now)
    key = living.split("_")[1]
    wrong = {"expired": expired, "revoked": revoked, "of a removed user": removed, "empty": "", "half": living[:-1],
             "its key alone": f"bw_{key}_", "with more": living + "x", "in capitals": living.upper(),
             "a password": "olga@operator.example:", "null": "null", "undefined": "undefined"}  # fmt: skip
    before, opened = everything(), {}
    for route in [route for route in routes() if route.startswith("api/")]:
        for name, token in wrong.items():
            for method in ("get", "post"):
                ask = getattr(Client(raise_request_exception=False), method)
                status = ask(path_of(route), headers={"Authorization": f"Token {token}"}).status_code
                if status not in (401, 404, 405):
                    opened[route, name] = status
    assert opened == {}
    assert everything() == before
    assert Client().get("/api/v1/jobs", headers={"Authorization": f"Token {living}"}).status_code == 200


def test_n17_what_is_open_for_a_supervisor_says_fixed_words(db):
    said = {Client().get(path, headers={"X-Debug": "1"}).content for path in ("/healthz", "/healthz?verbose=1&debug=1")}
    assert len(said) == 1
    assert len(said.pop()) < 100
    for path in ("/metrics", "/debug", "/status", "/server-status", "/__debug__/", "/admin/", "/console", "/env"):
        assert Client().get(path).status_code in (302, 404)
