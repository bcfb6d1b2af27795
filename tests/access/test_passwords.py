"""How passwords are hashed, and how many at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError

from bailiwick.access import links, passwords
from bailiwick.access.login import WrongPassword, check
from bailiwick.models import FormerPassword, User
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


@pytest.mark.parametrize(
    ("who", "hashes"),
    [("with a password", 1), ("without one", 1), ("disabled", 1), ("unknown", 1),
     ("locked", 0), ("unknown and locked", 0)],
)  # fmt: skip
def test_n39_every_answer_costs_the_same_whether_the_account_exists(world, monkeypatch, who, hashes):
    user = world.olga
    if who != "without one":
        user.set_password(PASSWORD)
    user.is_active = who != "disabled"
    user.save()
    email = "nobody@example.com" if "unknown" in who else user.email
    if "locked" in who:
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
    assert len(hashed) == hashes


def set_to(world, password):
    passwords.set_password(world.actor(world.sam), world.sam, password, now=NOW)


def test_one_of_the_last_five_passwords_is_refused_and_an_older_one_is_not(world):
    chosen = [f"a good sentence, number {number}" for number in range(6)]
    for password in chosen[:5]:
        set_to(world, password)
    for password in chosen[:5]:
        with pytest.raises(ValidationError) as caught:
            set_to(world, password)
        assert caught.value.code == "password_used"
    set_to(world, chosen[5])
    set_to(world, chosen[0])
    assert FormerPassword.objects.filter(user=world.sam).count() == passwords.HISTORY - 1


def test_a_refused_password_uses_no_link_up_and_changes_nothing(world):
    set_to(world, PASSWORD)
    path = links.issue(world.sam, links.RESET, NOW)
    before = User.objects.values().get(pk=world.sam.pk)
    with pytest.raises(ValidationError):
        links.redeem(path.rpartition("/")[2], PASSWORD, address="", now=NOW)
    assert User.objects.values().get(pk=world.sam.pk) == before
    links.redeem(path.rpartition("/")[2], "another good sentence", address="", now=NOW)


def test_former_passwords_are_kept_as_hashes_only(world):
    set_to(world, PASSWORD)
    set_to(world, "another good sentence")
    (row,) = FormerPassword.objects.values()
    assert PASSWORD not in str(row)
    assert row["password"].startswith("argon2$")
