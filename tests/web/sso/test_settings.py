"""The settings of single sign-on: strangers and other homes first, hostile issuers, then the work itself."""

import pytest
from django.utils import timezone

from bailiwick.access.factor import duty
from bailiwick.access.sso import back_channel, providers
from bailiwick.models import Customer, Event, IdentityProvider, Partner
from tests.oidc import CLIENT, SECRET
from tests.web.conftest import signed_in


def form(oidc, **more):
    return {"issuer": oidc.issuer, "client_id": CLIENT, "client_secret": SECRET, "is_active": "on", **more}


@pytest.fixture
def acmes(world, oidc, settings):
    settings.SSO_PRIVATE = True
    Partner.objects.filter(pk=world.acme.pk).update(domain="acme.example")
    draft = providers.Draft(issuer=oidc.issuer, client_id=CLIENT, client_secret=SECRET)
    return providers.create(world.actor(world.pia), draft, now=timezone.now())


@pytest.mark.parametrize("who", ["olga", "stan", "bea", "sam", "pia", "stranger", "carla"])
def test_the_superusers_of_a_home_and_nobody_else_see_the_page(world, who):
    status = signed_in(getattr(world, who)).get("/single-sign-on").status_code
    assert status == (200 if who in ("olga", "pia", "stranger", "carla") else 403)


@pytest.mark.parametrize("who", ["olga", "stranger", "carla"])
def test_another_homes_provider_does_not_exist_not_even_for_the_operator(world, acmes, oidc, who):
    client = signed_in(getattr(world, who))
    before = IdentityProvider.objects.values().get()
    answers = []
    for key in (acmes.pk, 99_999_999):
        answers += [
            client.get(f"/single-sign-on/{key}"),
            client.post(f"/single-sign-on/{key}", form(oidc, version="1")),
        ]
        answers.append(client.post(f"/single-sign-on/{key}/remove"))
    assert {answer.status_code for answer in answers} == {404}
    assert "acme.example" not in client.get("/single-sign-on").content.decode()
    assert IdentityProvider.objects.values().get() == before


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example.com",
        "ftp://login.example.com",
        "file:///etc/passwd",
        "https://user:password@login.example.com",
        "https://login.example.com/#x",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://10.0.0.1",
        "https://localhost",
        "https://login.example.com:99999",
        "https://",
        "login.example.com",
        "https://exa mple.com",
        "https://ex\u00e4mple.com/\u202e",
    ],
)
def test_an_issuer_inside_our_network_or_without_tls_is_never_asked(world, issuer, monkeypatch):
    monkeypatch.setattr(back_channel, "SECONDS", 1)
    answer = signed_in(world.olga).post(
        "/single-sign-on/new",
        {"domain": "operator.example", "issuer": issuer, "client_id": "x", "client_secret": "y"},
    )
    assert answer.status_code == 422
    assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
        {"token_endpoint": "http://127.0.0.1/" + "x" * 500},
    ],
)
def test_a_description_that_cannot_be_used_is_said_beside_the_issuer(world, oidc, settings, lie):
    settings.SSO_PRIVATE = True
    oidc.lie(description=lie)
    answer = signed_in(world.olga).post("/single-sign-on/new", form(oidc, domain="operator.example"))
    assert answer.status_code == 422
    assert "could not be read" in answer.content.decode()
    assert not IdentityProvider.objects.exists()


def test_it_is_added_changed_and_removed_with_events(world, oidc, settings):
    settings.SSO_PRIVATE = True
    client = signed_in(world.olga)
    assert client.post("/single-sign-on/new", form(oidc, domain="Operator.example")).status_code == 302
    row = IdentityProvider.objects.get()
    assert row.domain == "operator.example"
    assert client.post("/single-sign-on/new", form(oidc, domain="operator.example")).status_code == 422
    changed = form(
        oidc, creates_users="on", default_role="support", client_secret="", version="1", domain="evil.example"
    )
    assert client.post(f"/single-sign-on/{row.pk}", changed).status_code == 302
    sealed = row.sealed
    row.refresh_from_db()
    assert (row.creates_users, row.default_role, row.sealed, row.domain, row.version) == (
        True, "support", sealed, "operator.example", 2,
    )  # fmt: skip
    assert client.post(f"/single-sign-on/{row.pk}", changed).status_code == 409, "a stale page"
    assert client.post(f"/single-sign-on/{row.pk}/remove").status_code == 302
    names = [name.split("_")[0] for name in Event.objects.order_by("pk").values_list("name", flat=True)]
    assert names == ["CREATE", "UPDATE", "DELETE"]


def test_a_role_of_another_level_is_no_role_here(world, acmes, oidc):
    client = signed_in(world.pia)
    for role in ("superuser", "customer-superuser", ""):
        sent = form(oidc, creates_users="on", default_role=role, version="1")
        assert client.post(f"/single-sign-on/{acmes.pk}", sent).status_code == 422
    assert not IdentityProvider.objects.get().creates_users


def test_a_home_without_a_domain_names_no_provider(world, oidc, settings):
    settings.SSO_PRIVATE = True
    for user in (world.pia, world.carla):
        client = signed_in(user)
        assert "names no domain" in client.get("/single-sign-on").content.decode()
        assert client.post("/single-sign-on/new", form(oidc, domain="operator.example")).status_code == 422
    assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(("who", "home"), [("pia", "partner"), ("carla", "customer")])
def test_a_partner_and_a_customer_make_the_factor_compulsory_for_their_own_users(world, who, home):
    user = getattr(world, who)
    client = signed_in(user)
    assert client.post("/single-sign-on/compulsory-factor", {"value": "true"}).status_code == 302
    assert duty.is_required(user)
    assert not duty.is_required(world.stranger)
    assert client.get("/single-sign-on")["Location"] == "/account/second-factor"
    event = Event.objects.get(name="REQUIRE_SECOND_FACTOR")
    assert (event.actor_name, event.after) == (user.email, {"two_factor_required": True})


def test_operators_change_the_property_instead(world):
    assert signed_in(world.olga).post("/single-sign-on/compulsory-factor", {"value": "true"}).status_code == 403


def test_a_transfer_takes_the_customers_factors_and_providers_along(world, oidc, settings):
    from bailiwick.models import Factor, RecoveryCode
    from tests.access.factor.test_app import enrol

    settings.SSO_PRIVATE = True
    Customer.objects.filter(pk=world.contoso.pk).update(domain="contoso.example")
    draft = providers.Draft(issuer=oidc.issuer, client_id=CLIENT, client_secret=SECRET)
    providers.create(world.actor(world.carla), draft, now=timezone.now())
    enrol(world, world.carla)
    from django.db import connection

    from bailiwick.engine.handover import FOLLOW

    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, {"partner": world.zenith.pk, "ids": [world.contoso.pk]})
    found = {row.partner_id for model in (Factor, RecoveryCode, IdentityProvider) for row in model.objects.all()}
    assert found == {world.zenith.pk}


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("https://user:password@login.example.com", "leave them out"),
        ("http://login.example.com", "does not begin with https://"),
        ("https://no-such-host.invalid", "no host of this name"),
    ],
)
def test_why_an_issuer_is_not_asked_is_said_in_the_users_words(world, oidc, issuer, words):
    Partner.objects.filter(pk=world.acme.pk).update(domain="acme.example")
    answer = signed_in(world.pia).post("/single-sign-on/new", form(oidc, issuer=issuer))
    assert answer.status_code == 422
    assert words in answer.content.decode()
