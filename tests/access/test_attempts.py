"""The limits on guessing, with real connections at once (R-20, N-40)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from bailiwick.access import attempts
from bailiwick.access.login import WrongPassword, check
from bailiwick.models import Event
from tests.world import NOW, PASSWORD, World


def give_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(email, password, now=NOW, address="192.0.2.1"):
    try:
        return check(email, password, address=address, now=now)
    except WrongPassword:
        return None


@pytest.mark.django_db(transaction=True)
def test_n40_of_200_parallel_guesses_five_are_looked_at_and_the_right_one_is_refused_meanwhile():
    olga = give_password(World().olga)

    def guess(number):
        try:
            return attempt(olga.email, f"wrong guess {number}", address=f"192.0.2.{number}")
        finally:
            connection.close()

    seen = []
    original = type(olga).check_password

    def counting(self, raw):
        seen.append(raw)
        return original(self, raw)

    type(olga).check_password = counting
    try:
        with ThreadPoolExecutor(16) as pool:
            assert not any(pool.map(guess, range(200)))
    finally:
        type(olga).check_password = original
    assert len(seen) == attempts.PER_ACCOUNT
    assert Event.objects.filter(name="USER_LOCKOUT").count() == 1
    assert attempt(olga.email, PASSWORD) is None
    assert attempt(olga.email, PASSWORD, NOW + timedelta(minutes=14, seconds=59)) is None
    assert attempt(olga.email, PASSWORD, NOW + timedelta(minutes=15)) == olga


def test_four_failures_do_not_lock_and_a_success_forgets_them(world):
    olga = give_password(world.olga)
    for _round in range(3):
        for _guess in range(4):
            assert attempt(olga.email, "wrong") is None
        assert attempt(olga.email, PASSWORD) == olga
    assert not Event.objects.filter(name="USER_LOCKOUT").exists()


def test_the_lock_is_not_prolonged_by_more_guesses(world):
    olga = give_password(world.olga)
    for minute in range(15):
        for _guess in range(6):
            attempt(olga.email, "wrong", NOW + timedelta(minutes=minute), address=f"192.0.2.{minute}")
    assert attempt(olga.email, PASSWORD, NOW + timedelta(minutes=15)) == olga


def test_an_account_that_does_not_exist_is_locked_the_same_way(world):
    for _guess in range(6):
        assert attempt("nobody@example.com", "wrong") is None
    assert Event.objects.filter(name="USER_LOCKOUT", actor_name="nobody@example.com").count() == 1


def test_one_address_cannot_go_through_all_accounts(world):
    olga = give_password(world.olga)
    for number in range(attempts.PER_ADDRESS):
        attempt(f"user{number}@example.com", "wrong")
    assert attempt(olga.email, PASSWORD) is None
    assert Event.objects.filter(name="ADDRESS_LOCKOUT").count() == 1
    assert attempt(olga.email, PASSWORD, address="192.0.2.2") == olga


def test_all_addresses_of_an_ipv6_network_are_one(world):
    for number in range(attempts.PER_ADDRESS):
        attempt(f"user{number}@example.com", "wrong", address=f"2001:db8::{number:x}")
    olga = give_password(world.olga)
    assert attempt(olga.email, PASSWORD, address="2001:db8::ffff:1") is None
    assert attempt(olga.email, PASSWORD, address="2001:db8:0:1::1") == olga


def test_signing_in_often_from_one_address_is_no_attack(world):
    olga = give_password(world.olga)
    budget = attempts.address("192.0.2.1")
    for _time in range(3 * budget.limit):
        assert budget.take(NOW) <= budget.limit
        budget.give_back()
    assert attempt(olga.email, PASSWORD) == olga


def test_failures_are_written_down_without_the_password_and_without_control_characters(world):
    attempt("evil\r\n\x1b[31m@example.com", "secret-guess")
    event = Event.objects.get(name="OPERATOR_LOGIN_FAILURE")
    assert event.actor_name.isprintable()
    assert "secret-guess" not in str([event.before, event.after, event.subject, event.actor_name])


def test_old_counters_are_forgotten(world):
    attempt("nobody@example.com", "wrong")
    assert attempts.forget(NOW + timedelta(minutes=10)) == 0
    assert attempts.forget(NOW + timedelta(minutes=16)) == 2


@pytest.mark.parametrize("password", ["", "\0", "\ud800", "x" * 100_000])
def test_odd_passwords_are_wrong_and_nothing_worse(world, password):
    give_password(world.olga)
    assert attempt(world.olga.email, password) is None
    assert attempt("\0\ud800" + world.olga.email, password) is None
