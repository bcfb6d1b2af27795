"""The sign-in page: strangers first."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.access import links
from bailiwick.models import Event, User
from tests.world import PASSWORD


@pytest.fixture
def olga(world):
    world.olga.set_password(PASSWORD)
    world.olga.save()
    return world.olga


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/sign-in", {"email": email, "password": password, **extra})


@pytest.mark.parametrize(
    "path", ["/account", "/account/password", "/users", "/roles", "/properties", "/mailbox", "/events"]
)
def test_a_stranger_is_sent_to_the_sign_in_page_and_back_after_it(client, olga, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")
    assert sign_in(client, olga.email, next=path)["Location"] == path


def test_unknown_wrong_and_disabled_get_the_same_answer(client, olga, world):
    world.sam.set_password(PASSWORD)
    world.sam.is_active = False
    world.sam.save()
    answers = [
        sign_in(client, "nobody@example.com"),
        sign_in(client, olga.email, "wrong wrong wrong"),
        sign_in(client, world.sam.email),
        sign_in(client, world.stan.email, "!"),
    ]
    bodies = {answer.content.decode().split("<form")[1].split('value="', 2)[0] for answer in answers}
    assert {answer.status_code for answer in answers} == {401}
    assert len(bodies) == 1
    assert "_auth_user_id" not in client.session


def test_the_right_password_signs_in_and_is_written_down(client, olga):
    assert sign_in(client, "OLGA@Operator.example").status_code == 302
    event = Event.objects.get(name="OPERATOR_LOGIN")
    assert (event.actor_name, event.address, event.door) == (olga.email, "127.0.0.1", "web")
    assert client.get("/account").status_code == 200


def test_the_session_key_changes_at_sign_in(client, olga):
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = session.session_key
    client.cookies["session"] = before
    sign_in(client, olga.email)
    assert client.session.session_key != before
    assert "planted" not in client.session
    assert Client(headers={"Cookie": f"session={before}"}).get("/account").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/\t/evil",
        "///e",
        "\\\\e",
        "/\n/e",
    ],
)
def test_n21_next_never_leaves_the_portal(client, olga, target):
    assert sign_in(client, olga.email, next=target)["Location"] == "/"
    client.post("/sign-out")
    assert f'value="{target}"' not in client.get("/sign-in", {"next": target}).content.decode()


def test_n19_a_disabled_users_session_dies_at_the_next_request(client, olga):
    sign_in(client, olga.email)
    User.objects.filter(pk=olga.pk).update(is_active=False)
    assert client.get("/account").status_code == 302


def test_n19_a_raised_epoch_ends_every_session(client, olga):
    sign_in(client, olga.email)
    User.objects.filter(pk=olga.pk).update(epoch=2)
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize(("idle", "allowed"), [(timedelta(minutes=29), True), (timedelta(minutes=31), False)])
def test_an_operator_who_is_away_for_half_an_hour_signs_in_again(client, olga, time_machine, idle, allowed):
    sign_in(client, olga.email)
    time_machine.move_to(timezone.now() + idle)
    assert (client.get("/account").status_code == 200) is allowed


def test_a_session_ends_after_a_day_however_busy(client, olga, time_machine):
    sign_in(client, olga.email)
    start = timezone.now()
    for minutes in range(20, 24 * 60, 20):
        time_machine.move_to(start + timedelta(minutes=minutes))
        assert client.get("/account/password").status_code == 200
    time_machine.move_to(start + timedelta(hours=24, minutes=1))
    assert client.get("/account/password").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        ((), "203.0.113.7", "127.0.0.1"),
        (("192.0.2.1",), "203.0.113.7", "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.7", "203.0.113.7"),
        (("127.0.0.1",), "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        (("127.0.0.1",), "203.0.113.7, nonsense\r\n", "127.0.0.1"),
        (("127.0.0.1",), "", "127.0.0.1"),
    ],
)
def test_n15_only_a_named_proxy_says_where_a_request_comes_from(client, olga, settings, proxies, header, seen):
    settings.TRUSTED_PROXIES = frozenset(proxies)
    client.post("/sign-in", {"email": olga.email, "password": PASSWORD}, headers={"x-forwarded-for": header})
    assert Event.objects.get(name="OPERATOR_LOGIN").address == seen


def test_signing_out_ends_the_session_on_the_server(client, olga):
    sign_in(client, olga.email)
    key = client.session.session_key
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    client.cookies["session"] = key
    assert client.get("/account").status_code == 302


def test_a_form_of_another_site_is_refused(olga):
    client = Client(enforce_csrf_checks=True)
    client.force_login(olga)
    assert client.post("/sign-in", {"email": olga.email, "password": PASSWORD}).status_code == 403
    page = client.get("/sign-in")
    assert page.status_code in (200, 302)
    token = client.cookies["csrf"].value if "csrf" in client.cookies else ""
    foreign = {"HTTP_ORIGIN": "https://evil.example"}
    answer = client.post(
        "/sign-in", {"email": olga.email, "password": PASSWORD, "csrfmiddlewaretoken": token}, **foreign
    )
    assert answer.status_code == 403


def test_a_link_is_not_used_up_by_looking_and_works_once(client, world):
    path = links.issue(world.olga, links.SIGN_IN, timezone.now())
    for _look in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert client.post(path)["Location"] == "/account/first-password"
    assert client.get("/account").status_code == 200
    assert Client().post(path).status_code == 404
    assert Client().get(path).status_code == 404


def test_new_07_a_password_and_its_confirmation_that_differ_are_refused(client, world):
    path = links.issue(world.carla, links.INVITATION, timezone.now())
    refused = client.post(path, {"password": PASSWORD, "again": PASSWORD + "!"})
    assert refused.status_code == 422
    assert "differ" in refused.content.decode()
    assert sign_in(Client(), world.carla.email).status_code != 302


def test_an_invitation_sets_a_password_that_works(client, world):
    path = links.issue(world.sam, links.INVITATION, timezone.now())
    assert client.post(path, {"password": "short", "again": "short"}).status_code == 422
    assert (
        client.post(path, {"password": "has an < in the middle", "again": "has an < in the middle"}).status_code == 422
    )
    assert client.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert client.get("/account").status_code == 200
    assert sign_in(Client(), world.sam.email).status_code == 302


def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(client, olga):
    other = Client()
    sign_in(client, olga.email)
    sign_in(other, olga.email)
    new = {"password": "another good sentence", "again": "another good sentence"}
    assert client.post("/account/password", {"current": "wrong", **new}).status_code == 422
    assert client.post("/account/password", {"current": PASSWORD, **new}).status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert client.get("/account/first-password")["Location"] == "/account/password"


def test_pages_are_never_kept_by_a_cache(client, olga):
    sign_in(client, olga.email)
    answer = client.get("/account")
    assert answer["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
