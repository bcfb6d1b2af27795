"""Single sign-on against a real provider: forged, foreign, old and replayed answers first, then the way in."""

import html
import re
import urllib.error
import urllib.request
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from bailiwick import seal
from bailiwick.access.sso import providers
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, Identity, IdentityProvider, OutboxMessage, Partner, User
from tests.oidc import CLIENT, SECRET
from tests.web.conftest import signed_in
from tests.world import PASSWORD


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


@pytest.fixture
def provider(world, oidc, settings):
    """The operator's own provider, which makes users."""
    settings.SSO_PRIVATE = True
    draft = providers.Draft(
        issuer=oidc.issuer, client_id=CLIENT, client_secret=SECRET, domain="operator.example",
        creates_users=True, default_role="support",
    )  # fmt: skip
    return providers.create(world.actor(world.olga), draft, now=timezone.now())


def start(client, email, **more):
    """Types the address and returns where the browser is sent."""
    page = client.post("/sign-in", {"email": email, **more}).content.decode()
    return html.unescape(re.search(r'content="0;url=([^"]*)"', page)[1])


def visit(url):
    """The browser at the provider: returns the way back."""
    try:
        urllib.request.build_opener(NoRedirect).open(url, timeout=5)
    except urllib.error.HTTPError as redirect:
        return redirect.headers["Location"]
    raise AssertionError("The provider did not send the browser back.")


def come_back(client, url):
    """The page that goes on by itself, and what its form answers; looking at it changes nothing."""
    parts = urlsplit(url)
    page = client.get(f"{parts.path}?{parts.query}")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    return client.post(parts.path, {name: html.unescape(value) for name, value in fields.items()})


def through(client, email, **more):
    return come_back(client, visit(start(client, email, **more)))


def reason():
    return Event.objects.filter(name="USER_LOGIN_FAILURE_SSO").latest("pk").after["reason"]


def test_the_address_comes_first_and_its_domain_decides(client, world, provider):
    page = client.get("/sign-in").content.decode()
    assert 'name="password"' not in page
    assert 'name="password"' in client.get("/sign-in?password").content.decode()
    elsewhere = client.post("/sign-in", {"email": "pia@acme.example"}).content.decode()
    assert 'name="password"' in elsewhere
    assert 'value="pia@acme.example"' in elsewhere
    asked = parse_qs(urlsplit(start(client, "Nobody@Operator.example")).query)
    assert asked["login_hint"] == ["Nobody@Operator.example"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/back"]


def test_a_user_who_is_known_comes_in_and_goes_where_he_wanted(client, world, provider):
    assert through(client, "sam@operator.example", next="/events")["Location"] == "/events"
    assert client.get("/account").status_code == 200
    event = Event.objects.get(name="OPERATOR_LOGIN_SSO")
    assert (event.actor_name, event.after) == ("sam@operator.example", {"by": "sso"})
    assert User.objects.get(pk=world.sam.pk).is_native


def test_a_new_one_is_made_with_the_default_role_and_known_by_his_name_there(client, world, provider, oidc):
    through(client, "grace@operator.example")
    grace = User.objects.get(email="grace@operator.example")
    assert (grace.level, grace.role, grace.is_native, grace.first_name) == ("operator", "support", False, "Grace")
    assert not grace.has_usable_password()
    subject = Identity.objects.get(user=grace).subject
    oidc.lie(email="married@operator.example", claims={"sub": subject})
    through(Client(), "grace@operator.example")
    assert not User.objects.filter(email="married@operator.example").exists()
    assert Event.objects.filter(name="OPERATOR_LOGIN_SSO", actor_name="grace@operator.example").count() == 2


def test_nobody_is_made_where_the_record_does_not_say_so(client, provider):
    IdentityProvider.objects.update(creates_users=False)
    assert through(client, "grace@operator.example").status_code == 401
    assert not User.objects.filter(email="grace@operator.example").exists()
    assert "makes none" in reason()


LIES = {
    "a wrong signature": {"sign": "other"},
    "no signature": {"sign": "none"},
    "our public key as a password": {"sign": "public key as password"},
    "another audience": {"claims": {"aud": "somebody else"}},
    "several audiences without a party": {"claims": {"aud": [CLIENT, "somebody else"]}},
    "another party": {"claims": {"azp": "somebody else"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another nonce": {"claims": {"nonce": "forged"}},
    "no nonce": {"claims": {"nonce": None}},
    "a nonce that is no text": {"claims": {"nonce": ["x"]}},
    "no time": {"claims": {"exp": None}},
    "an old one": {"claims": {"exp": 1, "iat": 0}},
    "one of tomorrow": {"claims": {"iat": 99_999_999_999}},
    "nobody": {"claims": {"sub": ""}},
    "a name of NUL": {"claims": {"sub": "a\0b"}},
    "a name that is a list": {"claims": {"sub": ["x"]}},
    "a huge name": {"claims": {"sub": "x" * 300}},
    "no address": {"claims": {"email": None}},
    "an address not verified": {"claims": {"email_verified": False}},
    "an address of another domain": {"claims": {"email": "pia@acme.example"}},
    "an address with a line break": {"claims": {"email": "a\n@operator.example"}},
    "an address that is a list": {"claims": {"email": ["sam@operator.example"]}},
    "no keys": {"keys": {"keys": []}},
    "keys that are none": {"keys": {"keys": [1, {"kty": "oct", "k": "AAAA"}, {"kty": "RSA"}]}},
    "a huge answer": {"big": 300_000},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_provider_that_lies_lets_nobody_in(client, world, provider, oidc, lie):
    url = visit(start(client, "sam@operator.example"))
    oidc.lie(**LIES[lie])
    users = User.objects.count()
    answer = come_back(client, url)
    assert answer.status_code == 401
    assert client.get("/account").status_code == 302
    assert (User.objects.count(), Identity.objects.count()) == (users, 0)
    assert reason() not in answer.content.decode()


def test_a_forged_state_a_strange_browser_and_a_second_use_are_refused(client, world, provider):
    url = visit(start(client, "sam@operator.example"))
    assert come_back(client, url.replace("state=", "state=x")).status_code == 401
    assert come_back(client, url).status_code == 401, "one answer for one question"
    url = visit(start(client, "sam@operator.example"))
    assert come_back(Client(), url).status_code == 401
    assert come_back(client, url).status_code == 302
    client.post("/sign-out")
    assert come_back(client, url).status_code == 401
    again = start(client, "sam@operator.example")
    state = parse_qs(urlsplit(again).query)["state"][0]
    code = parse_qs(urlsplit(url).query)["code"][0]
    assert client.post("/sign-in/back", {"state": state, "code": code}).status_code == 401
    assert "400" in reason()


def test_the_code_of_another_sign_in_is_refused_though_it_is_fresh(world, provider):
    """Somebody else's code in my journey: PKCE and the nonce tie a code to the browser that began."""
    mine, theirs = Client(), Client()
    my_state = parse_qs(urlsplit(start(mine, "sam@operator.example")).query)["state"][0]
    code = parse_qs(urlsplit(visit(start(theirs, "olga@operator.example"))).query)["code"][0]
    assert mine.post("/sign-in/back", {"state": my_state, "code": code}).status_code == 401


@pytest.mark.parametrize(
    "query", ["", "error=access_denied", "code=", "code=x", "iss=https://evil.example&code=x", "code=%00&x=%ff"]
)
def test_an_answer_that_is_none_is_refused(client, provider, query):
    state = parse_qs(urlsplit(start(client, "sam@operator.example")).query)["state"][0]
    assert come_back(client, f"/sign-in/back?state={state}&{query}").status_code == 401


def test_a_form_of_another_site_brings_nobody_in(provider):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in/back", {"state": "x", "code": "y"}).status_code == 403


def test_who_waits_too_long_starts_over(client, provider, time_machine):
    url = visit(start(client, "sam@operator.example"))
    time_machine.move_to(timezone.now() + timedelta(minutes=11), tick=True)
    assert come_back(client, url).status_code == 401


def test_a_provider_that_hangs_does_not_hang_the_portal(client, provider, oidc):
    url = visit(start(client, "sam@operator.example"))
    oidc.lie(slow=30)
    began = timezone.now()
    assert come_back(client, url).status_code == 401
    assert (timezone.now() - began).total_seconds() < 10


def test_a_provider_that_was_removed_or_put_out_of_use_lets_nobody_in(client, provider):
    url = visit(start(client, "sam@operator.example"))
    IdentityProvider.objects.update(is_active=False)
    assert come_back(client, url).status_code == 401
    assert 'name="password"' in client.get("/sign-in").content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"deleted_at": timezone.now()}])
def test_who_was_disabled_or_removed_stays_out(world, provider, change):
    through(Client(), "sam@operator.example")
    User.objects.filter(pk=world.sam.pk).update(**change)
    IdentityProvider.objects.update(creates_users=False)
    client = Client()
    assert through(client, "sam@operator.example").status_code == 401
    assert client.get("/account").status_code == 302


class TestHomes:
    """A customer's provider: of its own domain, for its own users."""

    @pytest.fixture
    def contosos(self, world, oidc, settings):
        settings.SSO_PRIVATE = True
        Customer.objects.filter(pk=world.contoso.pk).update(domain="contoso.example")
        draft = providers.Draft(issuer=oidc.issuer, client_id=CLIENT, client_secret=SECRET, domain="operator.example")
        return providers.create(world.actor(world.carla), draft, now=timezone.now())

    def test_the_domain_is_that_of_the_record_whatever_was_sent(self, contosos):
        assert (contosos.domain, contosos.level) == ("contoso.example", "customer")

    def test_its_users_come_in_and_nobody_elses(self, client, world, contosos, oidc):
        assert contosos.customer_id == world.contoso.pk
        assert through(client, "carla@contoso.example").status_code == 302
        User.objects.filter(pk=world.stranger.pk).update(email="s@contoso.example", email_key="s@contoso.example")
        outside = Client()
        assert through(outside, "s@contoso.example").status_code == 401
        assert outside.get("/account").status_code == 302
        oidc.lie(email="olga@operator.example")
        assert through(Client(), "carla@contoso.example").status_code == 401

    def test_nobody_vouches_for_a_domain_of_other_peoples_users(self, world, oidc, settings):
        settings.SSO_PRIVATE = True
        Customer.objects.filter(pk=world.contoso.pk).update(domain="operator.example")
        draft = providers.Draft(issuer=oidc.issuer, client_id=CLIENT, client_secret=SECRET)
        with pytest.raises(ValidationError) as refused:
            providers.create(world.actor(world.carla), draft, now=timezone.now())
        assert refused.value.error_dict["domain"][0].code == "domain_of_others"

    def test_nobody_vouches_for_a_domain_that_anothers_record_names(self, world, oidc, settings):
        settings.SSO_PRIVATE = True
        Customer.objects.filter(pk=world.contoso.pk).update(domain="newco.example")
        draft = providers.Draft(issuer=oidc.issuer, client_id=CLIENT, client_secret=SECRET)
        Partner.objects.filter(pk=world.zenith.pk).update(domain="newco.example")  # it has no user of it yet
        with pytest.raises(ValidationError) as refused:
            providers.create(world.actor(world.carla), draft, now=timezone.now())
        assert refused.value.error_dict["domain"][0].code == "domain_of_others"

    def test_a_customers_own_user_does_not_enter_the_domain(self, world):
        action, raw, select = MENU.entry("modify-customer"), {"domain": "newco.example"}, {"ids": [world.contoso.pk]}
        with pytest.raises(InvalidParams) as refused:
            submit(world.actor(world.carla), action, select=select, raw=raw, now=timezone.now())
        assert (refused.value.status, refused.value.errors["domain"][0]["code"]) == (403, "not_allowed")

    def test_a_customer_in_the_bin_signs_nobody_in(self, world, contosos):
        assert providers.provider_of("carla@contoso.example") == contosos
        Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=timezone.now())
        assert providers.provider_of("carla@contoso.example") is None


def test_whom_a_provider_signs_in_has_neither_password_nor_role_from_here(client, world, provider):
    through(client, "grace@operator.example")
    grace = User.objects.get(email="grace@operator.example")
    assert client.get("/account/password").status_code in (302, 403)
    assert client.get("/account/first-password").status_code == 403
    new = {"password": "a sentence of my own", "again": "a sentence of my own"}
    assert client.post("/account/first-password", new).status_code == 403
    assert client.get("/account/second-factor/app")["Location"].startswith("/account/confirm")
    olga = signed_in(world.olga)
    for what, form in (("reset", {}), ("role", {"role": "superuser"})):
        refused = olga.post(f"/users/{grace.pk}/{what}", form)
        assert refused.status_code == 403
    letters = OutboxMessage.objects.count()
    Client().post("/forgot-password", {"email": grace.email})
    assert OutboxMessage.objects.count() == letters
    assert olga.post(f"/users/{grace.pk}/disable").status_code == 302
    assert client.get("/account").status_code == 302


def test_a_password_still_works_for_who_has_one_and_never_for_who_has_none(world, provider):
    world.olga.set_password(PASSWORD)
    world.olga.save()
    through(Client(), "grace@operator.example")
    assert Client().post("/sign-in", {"email": "olga@operator.example", "password": PASSWORD}).status_code == 302
    assert Client().post("/sign-in", {"email": "grace@operator.example", "password": PASSWORD}).status_code == 401


def test_without_it_users_are_natives_again_and_signed_out(client, world, provider):
    through(client, "grace@operator.example")
    providers.delete(world.actor(world.olga), provider.pk, now=timezone.now())
    assert client.get("/account").status_code == 302
    assert User.objects.get(email="grace@operator.example").is_native
    assert (
        signed_in(world.olga).post(f"/users/{User.objects.get(email='grace@operator.example').pk}/reset").status_code
        == 302
    )


def test_the_secret_is_sealed_and_in_no_event_and_no_page(world, provider):
    row = IdentityProvider.objects.get()
    told = str(list(Event.objects.values())) + signed_in(world.olga).get(f"/single-sign-on/{row.pk}").content.decode()
    assert SECRET not in told
    assert SECRET not in repr(row) + row.sealed
    assert seal.unseal(row.sealed, owner="provider:operator.example") == SECRET
    with pytest.raises(seal.Unreadable):
        seal.unseal(row.sealed, owner="provider:evil.example")
