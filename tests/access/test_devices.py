"""A flood of guesses while the real user signs in (R-20), and what a known browser is good for."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from bailiwick.access import attempts, devices
from bailiwick.access.login import WrongPassword, check
from bailiwick.access.passwords import TooBusy, set_password
from bailiwick.models import Device, User
from tests.world import NOW, PASSWORD, World

GUESSES_LOOKED_AT = 10


def attempt(email, password, *, now=NOW, address="192.0.2.1", device=""):
    try:
        return check(email, password, address=address, now=now, device=device)
    except (WrongPassword, TooBusy):
        return None


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def test_a_known_browser_signs_in_while_the_account_and_the_address_are_locked(world):
    olga = with_password(world.olga)
    device = devices.remember(olga, "", NOW)
    for number in range(attempts.PER_ADDRESS + 1):
        attempt(olga.email if number < 7 else f"user{number}@example.com", "wrong")
    assert attempt(olga.email, PASSWORD) is None
    assert attempt(olga.email, PASSWORD, device=device) == olga
    assert attempt(olga.email, PASSWORD) is None, "a success elsewhere gives the guesser no new tries"


def test_a_known_browser_has_five_tries_of_its_own_and_no_more(world):
    olga = with_password(world.olga)
    device = devices.remember(olga, "", NOW)
    for _guess in range(5):
        attempt(olga.email, "wrong", device=device)
    assert attempt(olga.email, PASSWORD, device=device) is None
    assert attempt(olga.email, PASSWORD) == olga, "nor do its failures lock the account"
    assert attempt(olga.email, PASSWORD, device=device, now=NOW + timedelta(minutes=15)) == olga


@pytest.mark.parametrize("whose", ["sam's", "invented", "old", "empty"])
def test_a_browser_of_another_user_is_not_known(world, whose):
    olga, sam = with_password(world.olga), with_password(world.sam)
    device = {"sam's": devices.remember(sam, "", NOW), "invented": "x" * 43, "empty": "",
              "old": devices.remember(olga, "", NOW - devices.LIFE)}[whose]  # fmt: skip
    for _guess in range(6):
        attempt(olga.email, "wrong")
    assert attempt(olga.email, PASSWORD, device=device) is None


def test_a_secret_that_was_planted_never_becomes_the_users(world):
    planted = "planted" * 7
    assert devices.remember(world.olga, planted, NOW) != planted
    assert not devices.knows(world.olga.email_key, planted, NOW)
    mine = devices.remember(world.olga, "", NOW)
    assert devices.remember(world.olga, mine, NOW) == mine


def test_only_a_hash_is_kept_and_a_new_password_forgets_every_browser(world):
    secret = devices.remember(world.olga, "", NOW)
    assert secret not in str(list(Device.objects.values()))
    set_password(world.actor(world.olga), world.olga, PASSWORD, now=NOW)
    assert not devices.knows(world.olga.email_key, secret, NOW)


def flood(email, device, guesses):
    """Guesses at one account from many addresses, and the real user's sign-ins meanwhile; returns their seconds."""

    def guess(number):
        try:
            return attempt(email, f"wrong guess {number}", address=f"10.{number % 251}.{number // 251 % 251}.1")
        finally:
            connection.close()

    def real(_number):
        began = time.monotonic()
        try:
            return attempt(email, PASSWORD, device=device), time.monotonic() - began
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as attackers, ThreadPoolExecutor(1) as person:
        guessing = [attackers.submit(guess, number) for number in range(guesses)]
        signed = [person.submit(real, number) for number in range(5)]
        assert not any(each.result() for each in guessing)
        return [each.result() for each in signed]


def looked_at(monkeypatch):
    seen, original = [], User.check_password
    monkeypatch.setattr(User, "check_password", lambda self, raw: seen.append(raw) or original(self, raw))
    return seen


def flooded(monkeypatch, guesses):
    olga = with_password(World().olga)
    device, seen = devices.remember(olga, "", NOW), looked_at(monkeypatch)
    signed = flood(olga.email, device, guesses)
    assert [user for user, _seconds in signed] == [olga] * 5
    assert len([raw for raw in seen if raw != PASSWORD]) <= GUESSES_LOOKED_AT
    return max(seconds for _user, seconds in signed)


@pytest.mark.django_db(transaction=True)
def test_r20_the_real_user_signs_in_while_300_guesses_run(monkeypatch):
    assert flooded(monkeypatch, 300) < 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_r20_the_real_user_signs_in_while_10000_guesses_run(monkeypatch):
    assert flooded(monkeypatch, 10_000) < 10


@pytest.mark.django_db(transaction=True)
def test_r20_spraying_many_accounts_leaves_a_turn_for_who_is_known(monkeypatch):
    olga = with_password(World().olga)
    device = devices.remember(olga, "", NOW)

    def spray(number):
        try:
            return attempt(f"user{number}@example.com", "wrong", address=f"10.0.{number}.1")
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as attackers:
        sprayed = [attackers.submit(spray, number) for number in range(150)]
        for _time in range(3):
            assert attempt(olga.email, PASSWORD, device=device) == olga
        assert not any(each.result() for each in sprayed)


def test_who_is_told_to_come_back_has_lost_no_try(world, monkeypatch):
    from bailiwick.access import passwords

    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.01)
    olga = with_password(world.olga)
    with passwords.strangers_turn():
        for _time in range(20):
            with pytest.raises(TooBusy):
                check(olga.email, PASSWORD, address="192.0.2.1", now=NOW)
    assert attempt(olga.email, PASSWORD) == olga
