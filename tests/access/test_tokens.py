"""API tokens: strangers first, then who holds one."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from bailiwick.access import homes, tokens, users
from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import Permission
from bailiwick.models import Customer, Event, SystemProperty, Token, User
from tests.world import NOW


@pytest.fixture
def token(world):
    return tokens.create(world.actor(world.olga), world.olga, name="nightly export", now=NOW)


def holder(header, now=NOW):
    return tokens.actor_for_token(header, "192.0.2.9", now=now)


def test_the_holder_acts_as_the_user_through_the_api(world, token):
    actor = holder(f"Token {token}")
    assert (actor.user_id, actor.door, actor.address) == (world.olga.pk, "api", "192.0.2.9")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Token",
        "Token ",
        "Token bw_",
        "Token bw__",
        "Token bw_x_y",
        "Bearer {}",
        "{}",
        "Token {}x",
        "Token x{}",
        "Token \0",
        "Token bw_\ud800_\ud800",
        "Basic Og==",
    ],
)
def test_anything_else_is_nobody(token, header):
    assert holder(header.format(token)) is None


def test_only_the_hash_of_the_secret_is_kept(token):
    secret = token.split("_", 2)[2]
    assert secret not in str(Token.objects.values().get())
    assert secret not in str(list(Event.objects.values()))
    assert holder(f"Token bw_{Token.objects.get().key}_{Token.objects.get().secret_hash}") is None


def test_a_token_dies_of_age(token):
    assert holder(f"Token {token}", NOW + timedelta(days=90) - timedelta(seconds=1))
    assert holder(f"Token {token}", NOW + timedelta(days=90)) is None


def test_a_token_dies_by_revocation_and_only_its_user_revokes_it(world, token):
    row = Token.objects.get()
    with pytest.raises(Token.DoesNotExist):
        tokens.revoke(world.actor(world.stan), row.pk, now=NOW)
    assert holder(f"Token {token}")
    tokens.revoke(world.actor(world.olga), row.pk, now=NOW)
    assert holder(f"Token {token}") is None
    assert Event.objects.filter(name="REVOKE_TOKEN").count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"deleted_at": NOW}])
def test_n19_a_token_dies_with_its_user(world, token, change):
    User.objects.filter(pk=world.olga.pk).update(**change)
    assert holder(f"Token {token}") is None


def test_n19_a_token_dies_with_its_users_customer(world):
    token = tokens.create(world.actor(world.carla), world.carla, name="x", now=NOW)
    assert holder(f"Token {token}").customer_id == world.contoso.pk
    Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=NOW)
    assert holder(f"Token {token}") is None


def test_a_token_is_never_more_than_its_user_is_now(world, token):
    User.objects.filter(pk=world.olga.pk).update(role="support")
    assert not holder(f"Token {token}").may(Permission.CUSTOMER_DELETE)


def test_the_switch_of_the_installation_closes_them_all(token):
    SystemProperty.objects.create(name="session.options.enableApiTokenAuth", value=False)
    assert holder(f"Token {token}") is None


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
def test_a_life_beyond_twelve_months_is_refused(world, life):
    with pytest.raises(ValidationError):
        tokens.create(world.actor(world.olga), world.olga, name="x", now=NOW, life=life)


def test_last_use_is_written_once_a_minute(token, django_assert_num_queries):
    holder(f"Token {token}")
    assert Token.objects.get().last_used_at == NOW
    with django_assert_num_queries(2):
        holder(f"Token {token}", NOW + timedelta(seconds=59))
    assert Token.objects.get().last_used_at == NOW
    holder(f"Token {token}", NOW + timedelta(seconds=60))
    assert Token.objects.get().last_used_at == NOW + timedelta(seconds=60)


def test_a_superuser_lists_and_revokes_the_tokens_of_the_homes_he_looks_after(world):
    made = {name: tokens.create(world.actor(getattr(world, name)), getattr(world, name), name="x", now=NOW)
            for name in ("sam", "pia", "carla", "stranger")}  # fmt: skip
    pia = world.actor(world.pia)
    assert [row.user for row in tokens.of_home(pia, homes.own(pia), NOW)] == [world.pia]
    mine = homes.find(pia, customer=world.contoso.pk)
    assert [row.user for row in tokens.of_home(pia, mine, NOW)] == [world.carla]
    for name in ("sam", "stranger"):
        with pytest.raises(Token.DoesNotExist):
            tokens.revoke(pia, Token.objects.get(user=getattr(world, name)).pk, now=NOW)
        assert holder(f"Token {made[name]}")
    tokens.revoke(pia, Token.objects.get(user=world.carla).pk, now=NOW)
    assert holder(f"Token {made['carla']}") is None
    for name in ("stan", "bea", "sam"):
        with pytest.raises(NotAllowed):
            tokens.of_home(world.actor(getattr(world, name)), homes.Home("operator"), NOW)


def test_an_operator_neither_sees_nor_ends_tokens_of_a_customer_that_manages_its_users(world):
    tokens.create(world.actor(world.carla), world.carla, name="x", now=NOW)
    olga = world.actor(world.olga)
    with pytest.raises(Token.DoesNotExist):
        tokens.revoke(olga, Token.objects.get().pk, now=NOW)
    Customer.objects.update(operator_user_management=True)
    assert tokens.revoke(olga, Token.objects.get().pk, now=NOW).user == world.carla


def test_a_token_of_a_removed_user_stays_dead_when_the_address_comes_back(world, token):
    world.user("second@operator.example", "operator", "superuser")
    second = world.actor(User.objects.get(email="second@operator.example"))
    users.delete(second, world.olga.pk, now=NOW)
    users.invite(second, users.Person(email=world.olga.email, role="superuser"), now=NOW)
    assert holder(f"Token {token}") is None
