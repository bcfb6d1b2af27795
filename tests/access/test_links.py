"""Links that let a person in once (N-01)."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from bailiwick.access import links
from bailiwick.access.permissions import ROLES
from bailiwick.models import Link, User
from tests.world import NOW, PASSWORD, World


def secret_of(path):
    return path.rpartition("/")[2]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_wins():
    secret = secret_of(links.issue(World().olga, links.SIGN_IN, NOW))

    def use(_number):
        try:
            return links.consume(secret, address="", now=NOW)
        except links.DeadLink:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sum(user is not None for user in pool.map(use, range(20))) == 1


def test_n01_the_database_holds_nothing_that_opens_a_link(world):
    secret = secret_of(links.issue(world.olga, links.RESET, NOW))
    row = Link.objects.values().get()
    assert secret not in str(row)
    assert row["secret_hash"] == hashlib.sha256(secret.encode()).hexdigest()
    for known in (row["secret_hash"], str(row["id"]), world.olga.password, str(world.olga.logical_id)):
        with pytest.raises(links.DeadLink):
            links.consume(known, address="", now=NOW)


@pytest.mark.parametrize(("purpose", "life"), links.LIFE.items())
def test_a_link_dies_of_age(world, purpose, life):
    secret = secret_of(links.issue(world.olga, purpose, NOW))
    assert links.find(secret, NOW + life - timedelta(seconds=1))
    with pytest.raises(links.DeadLink):
        links.find(secret, NOW + life)


def test_a_new_link_kills_the_old_one_of_its_purpose(world):
    first, other = (secret_of(links.issue(world.olga, purpose, NOW)) for purpose in (links.RESET, links.INVITATION))
    links.issue(world.olga, links.RESET, NOW)
    with pytest.raises(links.DeadLink):
        links.find(first, NOW)
    assert links.find(other, NOW)


def test_n01_a_disabled_user_stays_disabled_whatever_link_he_holds(world):
    secret = secret_of(links.issue(world.olga, links.RESET, NOW))
    User.objects.filter(pk=world.olga.pk).update(is_active=False)
    with pytest.raises(links.DeadLink):
        links.redeem(secret, PASSWORD, address="", now=NOW)
    assert not User.objects.get(pk=world.olga.pk).is_active


def test_a_password_that_breaks_a_rule_does_not_use_the_link_up(world):
    secret = secret_of(links.issue(world.olga, links.RESET, NOW))
    for bad in (
        "short",
        "password12345<",
        "aaaa\x00aaaa aaaa",
        "x" * 513,
        "123456789987654321",
        "olga@operator.example",
    ):
        with pytest.raises(ValidationError):
            links.redeem(secret, bad, address="", now=NOW)
    epoch = world.olga.epoch
    assert links.redeem(secret, PASSWORD, address="", now=NOW).check_password(PASSWORD)
    assert User.objects.get(pk=world.olga.pk).epoch == epoch + 1


def test_an_empty_installation_gets_its_first_superuser_and_no_password(db, monkeypatch):
    assert not User.objects.exists()
    url = links.first_superuser_link("http://localhost:8080/", now=NOW)
    user = User.objects.get()
    assert url.startswith("http://localhost:8080/link/")
    assert (user.email, user.role, user.has_usable_password()) == ("admin@localhost", "superuser", False)
    assert links.consume(secret_of(url), address="", now=NOW) == user
    again = links.first_superuser_link("http://localhost:8080", now=NOW)
    assert again != url
    assert User.objects.count() == 1


def test_the_first_superuser_may_be_named(db, monkeypatch):
    monkeypatch.setenv("BAILIWICK_ADMIN", "Olga@Example.com")
    links.first_superuser_link("http://localhost:8080", now=NOW)
    assert User.objects.get().email_key == "olga@example.com"
    assert User.objects.get().role in ROLES["operator"]


@pytest.mark.parametrize("garbage", ["", "\0", "\ud800", "x" * 10_000, "../..", "%2e"])
def test_garbage_is_a_dead_link(world, garbage):
    with pytest.raises(links.DeadLink):
        links.find(garbage, NOW)
