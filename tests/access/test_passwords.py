"""How passwords are hashed, and how many at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from bailiwick.access import passwords
from bailiwick.access.login import WrongPassword, check
from tests.world import NOW, PASSWORD


def test_hashes_are_argon2id_with_the_least_that_owasp_allows():
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_no_other_hash_is_understood():
    assert settings.PASSWORD_HASHERS == ["bailiwick.access.passwords.Hasher"]
    for stored in (
        PASSWORD,
        f"plain${PASSWORD}",
        f"{{CLEAR}}{PASSWORD}",
        "",
        "!",
        "md5$x$5f4dcc3b5aa765d61d8327deb882cf99",
    ):
        assert not check_password(PASSWORD, stored)


def test_at_most_two_are_hashed_at_once(monkeypatch):
    running, most = [], []

    def slow(self, password, salt):
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        return "argon2$x"

    monkeypatch.setattr(passwords.Argon2PasswordHasher, "encode", slow)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: passwords.Hasher().encode(PASSWORD, "saltsaltsalt"), range(12)))
    assert max(most) == 2


def test_who_waits_too_long_is_told_so(monkeypatch, client, world):
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.01)
    with passwords._turn(), passwords._turn():
        answer = client.post("/sign-in", {"email": world.olga.email, "password": PASSWORD})
    assert answer.status_code == 429


@pytest.mark.parametrize("who", ["with a password", "without one", "disabled", "locked", "unknown"])
def test_n39_every_answer_costs_one_hash(world, monkeypatch, who):
    user = world.olga
    if who != "without one":
        user.set_password(PASSWORD)
    user.is_active = who != "disabled"
    user.save()
    email = "nobody@example.com" if who == "unknown" else user.email
    if who == "locked":
        for _guess in range(5):
            with pytest.raises(WrongPassword):
                check(email, "wrong", address="192.0.2.1", now=NOW)
    hashed = []
    for name in ("encode", "verify"):
        original = getattr(passwords.Argon2PasswordHasher, name)
        monkeypatch.setattr(
            passwords.Argon2PasswordHasher, name, lambda *args, _original=original: hashed.append(1) or _original(*args)
        )
    with pytest.raises(WrongPassword):
        check(email, "wrong", address="192.0.2.1", now=NOW)
    assert len(hashed) == 1
