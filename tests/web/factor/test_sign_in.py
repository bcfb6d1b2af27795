"""The way in with a second factor: every short cut first, then the way itself."""

from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.access import links
from bailiwick.access.factor import app, enrolment
from bailiwick.models import Event, Factor, SystemProperty, User
from tests.access.factor.test_app import enrol
from tests.world import PASSWORD


@pytest.fixture
def olga(world):
    world.olga.set_password(PASSWORD)
    world.olga.save()
    return world.olga


@pytest.fixture
def secret(world, olga):
    """Olga has an authenticator app since a minute."""
    secret, then = app.new_secret(), timezone.now() - timedelta(minutes=5)
    codes = enrolment.add_app(world.actor(olga), olga, secret, pyotp.TOTP(secret).at(then), now=then)
    olga.codes = codes
    return secret


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/sign-in", {"email": email, "password": password, **extra})


def now_code(secret):
    return pyotp.TOTP(secret).at(timezone.now())


def test_the_password_alone_opens_nothing(client, olga, secret):
    assert sign_in(client, olga.email)["Location"] == "/sign-in/factor"
    assert "_auth_user_id" not in client.session
    for path in ("/account", "/customers", "/account/second-factor", "/account/second-factor/app"):
        assert client.get(path)["Location"].startswith("/sign-in?next=")
    assert client.get("/api/v1/customers").status_code == 401
    assert not Event.objects.filter(name="OPERATOR_LOGIN").exists()


def test_the_code_opens_and_the_session_key_changes_again(client, olga, secret):
    sign_in(client, olga.email, next="/events")
    half = client.session.session_key
    assert client.get("/sign-in/factor").status_code == 200
    assert client.post("/sign-in/factor", {"code": now_code(secret)})["Location"] == "/events"
    assert client.session.session_key != half
    assert client.get("/account").status_code == 200
    assert Client(headers={"Cookie": f"session={half}"}).get("/account").status_code == 302
    assert Event.objects.get(name="OPERATOR_LOGIN").after == {"by": "password, app"}


def test_a_replayed_code_and_a_wrong_one_get_the_same_answer(client, olga, secret):
    code = now_code(secret)
    sign_in(client, olga.email)
    client.post("/sign-in/factor", {"code": code})
    client.post("/sign-out")
    sign_in(client, olga.email)
    answers = [client.post("/sign-in/factor", {"code": typed}) for typed in (code, "000000", "ABCD-EFGH-JKMN")]
    assert {answer.status_code for answer in answers} == {401}
    said = {answer.content.decode().split("field-error")[1].split("</div>")[0] for answer in answers}
    assert len(said) == 1
    assert client.get("/account").status_code == 302


def test_a_recovery_code_opens_once(client, olga, secret):
    sign_in(client, olga.email)
    assert client.post("/sign-in/factor", {"code": olga.codes[0]}).status_code == 302
    client.post("/sign-out")
    sign_in(client, olga.email)
    assert client.post("/sign-in/factor", {"code": olga.codes[0]}).status_code == 401


def test_the_second_page_is_nothing_to_a_stranger_and_to_one_who_waited_too_long(client, olga, secret, time_machine):
    assert Client().get("/sign-in/factor")["Location"] == "/sign-in"
    assert Client().post("/sign-in/factor", {"code": now_code(secret)})["Location"] == "/sign-in"
    sign_in(client, olga.email)
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    assert client.post("/sign-in/factor", {"code": now_code(secret)})["Location"] == "/sign-in"


@pytest.mark.parametrize("change", [{"is_active": False}, {"epoch": 99}])
def test_who_was_disabled_or_changed_between_the_pages_starts_over(client, olga, secret, change):
    sign_in(client, olga.email)
    User.objects.filter(pk=olga.pk).update(**change)
    assert client.post("/sign-in/factor", {"code": now_code(secret)})["Location"] == "/sign-in"


def test_another_users_code_opens_nothing(client, world, olga, secret):
    world.sam.set_password(PASSWORD)
    world.sam.save()
    other, then = app.new_secret(), timezone.now() - timedelta(minutes=5)
    enrolment.add_app(world.actor(world.sam), world.sam, other, pyotp.TOTP(other).at(then), now=then)
    sign_in(client, world.sam.email)
    assert client.post("/sign-in/factor", {"code": now_code(secret)}).status_code == 401


@pytest.mark.parametrize("purpose", [links.SIGN_IN, links.RESET])
def test_a_mailed_link_does_not_go_round_the_factor(client, olga, secret, purpose):
    path = links.issue(olga, purpose, timezone.now())
    answer = client.post(path, {"password": "another good sentence", "again": "another good sentence"})
    assert answer["Location"] == "/sign-in/factor"
    assert client.get("/account").status_code == 302


def test_enrolling_ends_the_other_sessions_and_goes_on_in_this_one(olga):
    here, there = Client(), Client()
    sign_in(here, olga.email)
    sign_in(there, olga.email)
    here.get("/account/second-factor/app")
    page = here.get("/account/second-factor/app").content.decode()
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    assert here.post("/account/second-factor/app", {"code": "000000"}).status_code == 422
    page = here.post("/account/second-factor/app", {"code": now_code(secret)}).content.decode()
    assert page.count("<li><code>") == 10
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert "<li><code>" not in here.get("/account/second-factor").content.decode()
    assert secret not in str(here.session.items())


def test_an_open_browser_is_asked_for_the_password_before_a_change(client, olga, secret, time_machine):
    sign_in(client, olga.email)
    client.post("/sign-in/factor", {"code": now_code(secret)})
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    key = Factor.objects.get().pk
    for path in (f"{key}/remove", "codes"):
        assert client.post(f"/account/second-factor/{path}")["Location"].startswith("/account/confirm?next=")
    assert client.get("/account/second-factor/passkey")["Location"].startswith("/account/confirm?next=")
    assert Factor.objects.count() == 1
    assert client.post("/account/confirm", {"current": "wrong"}).status_code == 422
    assert client.post("/account/confirm", {"current": PASSWORD, "next": "//evil.example"})["Location"] == "/"
    assert client.post(f"/account/second-factor/{key}/remove").status_code == 302
    assert not Factor.objects.exists()


def test_a_strangers_factor_does_not_exist(client, world, olga, secret):
    world.sam.set_password(PASSWORD)
    world.sam.save()
    sign_in(client, world.sam.email)
    key = Factor.objects.get().pk
    answers = [client.post(f"/account/second-factor/{number}/{what}", {"name": "mine"})
               for number in (key, 99_999_999) for what in ("remove", "name", "steal")]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    assert Factor.objects.count() == 1


class TestCompulsory:
    @pytest.fixture(autouse=True)
    def _required(self, world):
        assert world
        SystemProperty.objects.create(name="session.options.requireSecondFactor.operator", value=True)

    def test_who_has_none_is_led_to_the_enrolment_before_anything_else(self, client, olga):
        sign_in(client, olga.email)
        for path in ("/customers", "/account", "/users", "/jobs", "/events.csv"):
            assert client.get(path)["Location"] == "/account/second-factor"
        assert client.get("/customers", headers={"HX-Request": "true"})["HX-Redirect"] == "/account/second-factor"
        assert client.post("/account/tokens", {"name": "x", "days": "30"})["Location"] == "/account/second-factor"
        refused = client.get("/api/v1/customers")
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_owed")
        page = client.get("/account/second-factor").content.decode()
        assert "asks for a second factor" in page

    def test_the_page_of_the_enrolment_is_not_led_to_itself_by_what_it_looks_after(self, client, olga):
        sign_in(client, olga.email)
        where = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/second-factor/app"}
        answer = client.get("/jobs/running", headers=where)
        assert (answer.status_code, answer.headers.get("HX-Redirect")) == (204, None)

    def test_and_goes_on_after_it(self, client, olga):
        sign_in(client, olga.email)
        page = client.get("/account/second-factor/app").content.decode()
        secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
        client.post("/account/second-factor/app", {"code": now_code(secret)})
        assert "Not now" not in page
        assert "Not now" in client.get("/account/second-factor/passkey").content.decode()
        assert client.get("/customers").status_code == 200
        assert client.get("/api/v1/customers").status_code == 200

    def test_it_acts_at_the_next_request_of_a_living_session_and_not_on_other_levels(self, world, client, olga):
        SystemProperty.objects.update(value=False)
        world.pia.set_password(PASSWORD)
        world.pia.save()
        partner = Client()
        sign_in(client, olga.email)
        sign_in(partner, world.pia.email)
        assert client.get("/account").status_code == 200
        SystemProperty.objects.update(value=True)
        assert client.get("/account").status_code == 302
        assert partner.get("/account").status_code == 200

    def test_signing_out_is_always_open(self, client, olga):
        sign_in(client, olga.email)
        assert client.post("/sign-out")["Location"] == "/sign-in"


def test_the_property_page_says_what_it_does(client, world, olga):
    sign_in(client, olga.email)
    page = client.get("/properties").content.decode()
    for level in ("operator", "partner", "customer"):
        assert f"session.options.requireSecondFactor.{level}" in page
    assert "Tokens keep working" in page


def test_the_users_page_says_who_has_one_and_resets_it(client, world, olga):
    enrol(world, world.sam)
    sign_in(client, olga.email)
    page = client.get("/users").content.decode()
    assert page.count("Reset the second factor") == 1
    assert client.post(f"/users/{world.sam.pk}/reset-factor")["Location"] == "/users?done=reset-factor"
    assert not Factor.objects.exists()
    assert "Reset the second factor" not in client.get("/users").content.decode()
