"""One statement reads a session, its user if he may still sign in, and the switches of the installation."""

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from bailiwick.access.permissions import Permission
from bailiwick.access.properties import value_for
from bailiwick.access.session_store import SessionStore, stored_key
from bailiwick.engine import properties
from bailiwick.models import Customer, Session, User
from tests.web.conftest import signed_in
from tests.world import NOW, World

TOKENS = "session.options.enableApiTokenAuth"


def key_of(user):
    return signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value


def test_it_finds_the_user_as_the_table_has_him(world):
    User.objects.filter(pk=world.pia.pk).update(preferences={"columns": ["name"]}, timezone="Europe/Berlin")
    found, stored = SessionStore(key_of(world.pia)).user, User.objects.get(pk=world.pia.pk)
    assert {field.attname: getattr(found, field.attname) for field in User._meta.concrete_fields} == {
        field.attname: getattr(stored, field.attname) for field in User._meta.concrete_fields
    }


def test_its_row_names_the_user_and_a_strangers_names_nobody(world):
    key = key_of(world.olga)
    assert Session.objects.get(pk=stored_key(key)).user_id == world.olga.pk
    store = SessionStore()
    store["seen"] = 1
    store.save()
    assert Session.objects.get(pk=stored_key(store.session_key)).user_id is None
    assert SessionStore(store.session_key).user is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"deleted_at": NOW}])
def test_a_user_who_may_not_sign_in_any_more_is_a_stranger_at_once(world, change):
    key = key_of(world.olga)
    User.objects.filter(pk=world.olga.pk).update(**change)
    assert SessionStore(key).user is None


def test_a_user_of_a_deleted_customer_is_a_stranger_at_once(world):
    key = key_of(world.carla)
    assert SessionStore(key).user == world.carla
    Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=NOW)
    assert SessionStore(key).user is None


def test_a_session_that_is_over_or_was_never_given_stands_for_nobody(world):
    key = key_of(world.olga)
    Session.objects.update(expire_date=timezone.now())
    for asked in (key, "x" * 32, "a" * 31 + "'", "é" * 32, "\0" * 32):
        store = SessionStore(asked)
        assert (store.user, store.get("epoch")) == (None, None)


def test_a_switch_is_seen_by_the_next_request_and_not_by_the_one_before(world):
    key = key_of(world.olga)
    before = SessionStore(key)
    assert before.user
    olga = World.actor(world.olga)
    assert olga.may(Permission.PROPERTY_UPDATE_RESTRICTED)
    properties.update(olga, TOKENS, raw=False, version=0, now=NOW)
    after = SessionStore(key)
    assert after.user
    assert (before.properties, after.properties) == ({}, {TOKENS: False})


def test_an_actor_who_came_without_a_session_has_the_value_looked_up(world):
    olga = World.actor(world.olga)
    assert value_for(olga, TOKENS) is True
    properties.update(olga, TOKENS, raw=False, version=0, now=NOW)
    assert value_for(olga, TOKENS) is False


def test_a_page_of_the_list_asks_the_database_three_times(world, monkeypatch):
    world.customers(3)
    browser = signed_in(world.olga)
    browser.get("/customers")
    # As gunicorn's thread has it: a kept connection is asked whether it lives, and told that a request begins.
    monkeypatch.setattr(connections["default"], "health_check_enabled", True)
    monkeypatch.setattr(connections["default"], "health_check_done", False)
    rounds, wait = [], psycopg.Connection.wait
    monkeypatch.setattr(psycopg.Connection, "wait", lambda *args, **named: rounds.append(1) or wait(*args, **named))
    assert browser.get("/customers").status_code == 200
    assert len(rounds) == 1 + 3, "whether it lives; session, rows, how many"
