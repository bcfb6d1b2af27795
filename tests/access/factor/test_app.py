"""Codes of an authenticator app: each of its time, each once, few guesses, and a secret that nobody reads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from bailiwick import seal
from bailiwick.access import attempts
from bailiwick.access.factor import app, enrolment, proof
from bailiwick.models import Event, Factor
from tests.world import NOW, World

HERE = "192.0.2.1"
STEP = timedelta(seconds=30)


def code_at(secret, moment):
    return pyotp.TOTP(secret).at(moment)


def enrol(world, user, now=NOW - STEP * 10):
    secret = app.new_secret()
    return secret, enrolment.add_app(world.actor(user), user, secret, code_at(secret, now), now=now)


def proves(user, code, now=NOW, address=HERE):
    try:
        return proof.prove_by_code(user, code, address=address, now=now)
    except proof.WrongFactor:
        return ""


def test_the_codes_are_those_of_the_standard():
    """RFC 6238 appendix B, SHA-1, the last six of the eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        moment = NOW.fromtimestamp(second, tz=NOW.tzinfo)
        assert app.step_of(secret, code, moment) == second // 30


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_right_one_step_before_and_after_its_time_and_no_further(world, steps, right):
    secret, _codes = enrol(world, world.olga)
    assert bool(proves(world.olga, code_at(secret, NOW + steps * STEP))) is right


def test_a_code_is_taken_once_and_an_older_one_never_after_it(world):
    secret, _codes = enrol(world, world.olga)
    assert proves(world.olga, code_at(secret, NOW)) == "app"
    assert not proves(world.olga, code_at(secret, NOW))
    assert not proves(world.olga, code_at(secret, NOW - STEP))
    assert proves(world.olga, code_at(secret, NOW + STEP), NOW + STEP) == "app"


def test_the_code_that_enrolled_does_not_sign_in(world):
    secret, _codes = enrol(world, world.olga, now=NOW)
    assert not proves(world.olga, code_at(secret, NOW))


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_browsers_with_the_same_code_one_gets_in():
    world = World()
    secret, _codes = enrol(world, world.olga)

    def enter(number):
        try:
            return proves(world.olga, code_at(secret, NOW), address=f"192.0.2.{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(enter, range(attempts.PER_ACCOUNT)))
    assert answers.count("app") == 1


def test_five_wrong_codes_close_the_door_to_the_right_one_for_a_quarter_of_an_hour(world):
    secret, _codes = enrol(world, world.olga)
    for guess in range(5):
        assert not proves(world.olga, f"{guess:06}")
    assert not proves(world.olga, code_at(secret, NOW))
    assert Event.objects.filter(name="USER_LOCKOUT", subject=world.olga.email).count() == 1
    later = NOW + timedelta(minutes=15)
    assert proves(world.olga, code_at(secret, later), later) == "app"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345\0", "²³¹¹²³", "-12345", "x" * 10_000])
def test_odd_codes_are_wrong_and_nothing_worse(world, code):
    enrol(world, world.olga)
    assert not proves(world.olga, code)


def test_a_code_with_spaces_as_the_app_shows_it_is_right(world):
    secret, _codes = enrol(world, world.olga)
    code = code_at(secret, NOW)
    assert proves(world.olga, f" {code[:3]} {code[3:]} ") == "app"


def test_the_secret_is_sealed_for_its_user_and_stands_in_no_event(world):
    secret, codes = enrol(world, world.olga)
    row = Factor.objects.get(user=world.olga)
    assert secret not in str([*Factor.objects.values().values_list("sealed"), repr(row), row])
    told = str(list(Event.objects.values()))
    assert secret not in told
    assert not any(code in told for code in codes)
    assert seal.unseal(row.sealed, owner=app.owner_of(world.olga)) == secret
    with pytest.raises(seal.Unreadable):
        seal.unseal(row.sealed, owner=app.owner_of(world.sam))
    with pytest.raises(seal.Unreadable):
        seal.unseal(row.sealed[:-4] + "AAAA", owner=app.owner_of(world.olga))


def test_without_the_installations_key_nothing_is_read_and_a_former_key_still_reads(world, settings):
    secret, codes = enrol(world, world.olga)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key of the installation, long enough"
    row = Factor.objects.get(user=world.olga)
    with pytest.raises(seal.Unreadable):
        seal.unseal(row.sealed, owner=app.owner_of(world.olga))
    assert not proves(world.olga, codes[0])
    settings.SECRET_KEY_FALLBACKS = [former]
    assert proves(world.olga, code_at(secret, NOW)) == "app"
    assert proves(world.olga, codes[0]) == "recovery code"


def test_a_wrong_code_enrols_nothing_and_is_counted(world):
    secret = app.new_secret()
    for _guess in range(5):
        with pytest.raises(ValidationError):
            enrolment.add_app(world.actor(world.olga), world.olga, secret, "000000", now=NOW)
    with pytest.raises(ValidationError):
        enrolment.add_app(world.actor(world.olga), world.olga, secret, code_at(secret, NOW), now=NOW)
    assert not Factor.objects.exists()


def test_one_app_at_most(world):
    enrol(world, world.olga)
    with pytest.raises(ValidationError) as refused:
        enrol(world, world.olga)
    assert refused.value.code == "factor_taken"
    assert Factor.objects.count() == 1
