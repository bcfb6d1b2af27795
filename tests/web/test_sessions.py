"""One's own sessions: strangers first, then listing and ending them; and the cookie of a known browser."""

import pytest
from django.test import Client

from bailiwick.access import users
from bailiwick.access.session_store import stored_key
from bailiwick.models import Browser, Event
from tests.world import NOW, PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def sam(world):
    world.sam.set_password(PASSWORD)
    world.sam.save()
    return world.sam


def enter(user, agent=FIREFOX, client=None):
    client = client or Client(headers={"User-Agent": agent})
    assert client.post("/sign-in", {"email": user.email, "password": PASSWORD}).status_code == 302
    return client


def alive(client):
    return client.get("/account").status_code == 200


def test_the_account_page_lists_browser_and_address_and_marks_this_one(sam):
    client = enter(sam)
    enter(sam, agent="curl/8")
    page = client.get("/account").content.decode()
    assert "Firefox on Linux" in page
    assert "127.0.0.1" in page
    assert page.count(">this browser<") == 1


def test_ending_one_session_acts_at_its_next_request(sam):
    here, there = enter(sam), enter(sam)
    row = Browser.objects.get(session_key=stored_key(there.session.session_key))
    assert here.post(f"/account/sessions/{row.pk}/end").status_code == 302
    assert (alive(here), alive(there)) == (True, False)
    assert Event.objects.filter(name="END_SESSIONS").count() == 1


def test_ending_all_others_leaves_this_one(sam):
    here, others = enter(sam), [enter(sam) for _each in range(3)]
    assert here.post("/account/sessions/end-others").status_code == 302
    assert alive(here)
    assert not any(alive(other) for other in others)
    assert Browser.objects.count() == 1


def test_nobody_ends_a_session_of_somebody_else_by_its_number(sam, world):
    client = enter(sam)
    world.bea.set_password(PASSWORD)
    world.bea.save()
    other = enter(world.bea)
    row = Browser.objects.get(session_key=stored_key(other.session.session_key))
    for number in (row.pk, 10**15):
        assert client.post(f"/account/sessions/{number}/end").status_code == 404
    assert alive(other)


def test_an_administrator_ends_all_sessions_of_a_user(sam, world):
    client = enter(sam)
    users.end_sessions(world.actor(world.olga), sam.pk, now=NOW)
    assert not alive(client)
    assert enter(sam)


def test_signing_out_takes_the_browser_off_the_list(sam):
    client = enter(sam)
    client.post("/sign-out")
    assert not Browser.objects.exists()


def test_a_hostile_agent_is_text(sam):
    enter(sam, agent="<script>alert(1)</script>\x1b" * 40)
    page = enter(sam).get("/account").content.decode()
    assert "<script>alert" not in page


def test_the_browser_gets_a_cookie_by_which_it_is_known_and_strangers_get_none(sam):
    client = Client()
    client.post("/sign-in", {"email": sam.email, "password": "wrong wrong wrong"})
    assert "device" not in client.cookies
    enter(sam, client=client)
    cookie = client.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    client.post("/sign-out")
    for number in range(6):
        Client().post("/sign-in", {"email": sam.email, "password": f"wrong guess {number}"})
    answer = Client().post("/sign-in", {"email": sam.email, "password": PASSWORD})
    assert answer.status_code == 401
    enter(sam, client=client)
    assert client.cookies["device"].value == cookie.value


def test_a_fixed_session_key_and_a_planted_device_are_replaced_at_sign_in(sam):
    client = Client()
    client.cookies["session"] = "fixedbyanattacker1234567890abcdef"
    client.cookies["device"] = "planted"
    enter(sam, client=client)
    assert client.cookies["session"].value != "fixedbyanattacker1234567890abcdef"
    assert client.cookies["device"].value != "planted"
    attacker = Client(headers={"Cookie": "session=fixedbyanattacker1234567890abcdef; device=planted"})
    assert not alive(attacker)
