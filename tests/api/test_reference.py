"""What the REST door says about itself: to scripts as a document, to people as a page; to strangers nothing (N-31)."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from bailiwick.api.door import document
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World


def test_n31_a_stranger_does_not_get_the_document(world: World) -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert "paths" not in answer.json()


def test_n31_a_token_and_a_session_get_the_document(world: World) -> None:
    assert Script(world.sam).get("/openapi.json").json()["openapi"].startswith("3.1")
    assert signed_in(world.sam).get("/api/v1/openapi.json").json() == json.loads(json.dumps(document()))


def test_a_stranger_is_sent_from_the_page_to_the_sign_in(world: World) -> None:
    answer = Client().get("/api-reference")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/api-reference")


@pytest.fixture
def page(world: World) -> str:
    answer = signed_in(world.sam).get("/api-reference")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_shows_every_method_of_every_address(page: str) -> None:
    shown = set(re.findall(r"<h3 class=\"card-title\"><code>([A-Z]+ [^<]+)</code>", page))
    told = {f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods}
    assert len(told) > 40
    assert shown == told


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    asked, there = set(re.findall(r'href="#([^"]+)"', page)), set(re.findall(r'\bid="([^"]+)"', page))
    assert len(asked) > 40
    assert asked <= there


def test_the_page_names_what_a_call_takes_and_answers(page: str) -> None:
    section = page.partition('id="bailiwick_api_actions_run_action_delete_customer"')[2].partition("</section>")[0]
    for word in ("select.ids", "list of integer", "select.ticket", "string (uuid)", "confirm", "#shape-JobOut", "202"):
        assert word in section


def test_nothing_on_the_page_is_inline(page: str) -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|hx-on|javascript:|js:", page)


def test_the_page_is_reached_from_the_user_menu(world: World) -> None:
    assert 'href="/api-reference"' in signed_in(world.sam).get("/account").content.decode()
