"""Who loses a right has lost it at the next request of each session and token, and in jobs that wait (N-19, N-30).

A file that is being read shows what was there when it was asked for; who loses his way in reads no further.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bailiwick.access import passwords, tokens, users
from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine import submit as submitting
from bailiwick.engine.action import Change, Create
from bailiwick.engine.run import run
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, Job, JobRefusal, OutboxMessage, Session, SystemProperty, Token, User
from tests.api.client import Script
from tests.contract import STATE, Case, fingerprint
from tests.web.conftest import signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = ("/customers", "/account", "/jobs", "/search?q=a", "/actions/menu?ids=1", "/events.csv")


def _set_password(world: World) -> None:
    passwords.set_password(
        world.actor(world.olga), User.objects.get(pk=world.stan.pk), "another horse battery", now=NOW
    )


# What ends a session, and whether it ends a token too: a token is the user's until he, his rights or it are gone.
ENDINGS: dict[str, tuple[Callable[[World], Any], bool]] = {
    "disabled": (lambda world: users.disable(world.actor(world.olga), world.stan.pk, now=NOW), True),
    "deleted": (lambda world: users.delete(world.actor(world.olga), world.stan.pk, now=NOW), True),
    "another role": (
        lambda world: users.change_role(world.actor(world.olga), world.stan.pk, "support", now=NOW), False,
    ),
    "another password": (_set_password, False),
    "all sessions ended": (lambda world: users.end_sessions(world.actor(world.olga), world.stan.pk, now=NOW), False),
}  # fmt: skip


@pytest.mark.parametrize("how", ENDINGS)
def test_n19_the_next_request_of_every_session_and_token_is_refused(world: World, how: str):
    end, ends_tokens = ENDINGS[how]
    sessions, scripts = [signed_in(world.stan) for _ in range(3)], [Script(world.stan, by=world.olga) for _ in range(2)]
    assert {browser.get("/customers").status_code for browser in sessions} == {200}
    assert {script.get("/jobs").status_code for script in scripts} == {200}
    end(world)
    for browser in sessions:
        assert {browser.get(path).status_code for path in PATHS} == {302}
        assert browser.get("/customers", headers={"HX-Request": "true"}).status_code == 401
        assert browser.post("/actions/update-customer-alerts", {}).status_code == 302
        assert browser.get("/api/v1/jobs").status_code == 401
    assert {script.get("/jobs").status_code for script in scripts} == ({401} if ends_tokens else {200})
    refused = {script.post("/actions/new-customer/preview", {"params": {}}).status_code for script in scripts}
    assert refused == ({401} if ends_tokens else {403} if how == "another role" else {422})


def test_n19_a_revoked_token_is_refused_at_once_and_the_users_other_one_is_not(world: World):
    gone, kept = Script(world.stan, by=world.olga), Script(world.stan, by=world.olga)
    row = world.stan.tokens.order_by("pk").first()
    tokens.revoke(world.actor(world.olga), row.pk, now=NOW)
    assert (gone.get("/jobs").status_code, kept.get("/jobs").status_code) == (401, 200)


FILE = "/exports/customers.csv"


def _restored(world: World) -> User:
    User.objects.filter(pk=world.stan.pk).update(is_active=True, deleted_at=None, role="standard")
    return User.objects.get(pk=world.stan.pk)


def _reading(answer: Any) -> Any:
    """A file of which the headings have come, and no row yet."""
    assert answer.status_code == 200
    blocks = iter(answer.streaming_content)
    assert next(blocks).startswith(b'"Customer')
    return blocks


def _goes_on(blocks: Any) -> bool:
    try:
        return b"Contoso" in b"".join(blocks)
    except NotAllowed:
        return False


def _one_session(world: World) -> None:
    Session.objects.filter(user_id=world.stan.pk).delete()


@pytest.mark.django_db(transaction=True)
def test_n19_an_export_in_progress_ends_with_the_session_or_token_that_asked_for_it(world: World, monkeypatch):
    """Each ending against a file over a session, one over a token, and those of somebody whom it does not touch."""
    monkeypatch.setattr("bailiwick.engine.exports.export.SECONDS_BETWEEN_CHECKS", 0)
    endings = ENDINGS | {"one session ended": (_one_session, False)}
    for how, (end, ends_tokens) in endings.items():
        stan = _restored(world)
        script, other = Script(stan, by=world.olga), Script(world.bea, by=world.olga)
        files = [_reading(asked.get(f"/api/v1{FILE}")) for asked in (signed_in(stan), signed_in(world.bea))]
        files += [_reading(asked.get(FILE)) for asked in (script, other)]
        end(world)
        assert [_goes_on(blocks) for blocks in files] == [False, True, not ends_tokens, True], how


@pytest.mark.django_db(transaction=True)
def test_n19_a_token_revoked_run_out_or_switched_off_ends_its_export_and_no_other(world: World, monkeypatch):
    monkeypatch.setattr("bailiwick.engine.exports.export.SECONDS_BETWEEN_CHECKS", 0)
    olga, past = world.actor(world.olga), timezone.now() - timedelta(seconds=1)
    for end in (
        lambda row: tokens.revoke(olga, row.pk, now=timezone.now()),
        lambda row: Token.objects.filter(pk=row.pk).update(expires_at=past),
    ):
        gone, kept = (Script(world.stan, by=world.olga) for _ in range(2))
        files = [_reading(script.get(FILE)) for script in (gone, kept)]
        end(world.stan.tokens.order_by("-pk")[1])
        assert [_goes_on(blocks) for blocks in files] == [False, True]
    blocks = _reading(Script(world.stan, by=world.olga).get(FILE))
    SystemProperty.objects.create(name="session.options.enableApiTokenAuth", value=False)
    assert not _goes_on(blocks)
    cut = Event.objects.filter(name="EXPORT_CUSTOMERS").order_by("pk").values_list("after__complete", flat=True)
    assert list(cut) == [False, True, False, True, False]


def test_n19_a_released_customer_is_gone_for_its_old_partner_at_its_next_request(world: World):
    browser, script = signed_in(world.pia), Script(world.pia, by=world.olga)
    paths = [f"/customers/{world.contoso.pk}", f"/customers/{world.contoso.pk}/settings"]
    assert {browser.get(path).status_code for path in paths} == {200}
    assert script.get(f"/customers/{world.contoso.pk}").status_code == 200
    olga, select = world.actor(world.olga, "api"), {"ids": [world.contoso.pk]}
    job = submit(olga, MENU["release-from-partner"], select=select, raw={}, now=timezone.now())
    assert job.changed == 1, list(JobRefusal.objects.values())
    assert {browser.get(path).status_code for path in paths} == {404}
    assert script.get(f"/customers/{world.contoso.pk}").status_code == 404
    assert "Contoso" not in browser.get("/customers").content.decode()
    assert "Contoso" not in script.get("/customers").content.decode()


# An offer goes with its customer: tests/actions/test_accept_transfer.py says what becomes of it.
OFFERS = ("accept-transfer", "decline-transfer", "withdraw-offer")


# Between the click and the worker: what becomes of the user, or of the rows.
WITHDRAWALS: dict[str, Callable[[World, User, list[Customer]], Any]] = {
    "disabled": lambda _world, user, _rows: User.objects.filter(pk=user.pk).update(is_active=False),
    "another role": lambda _world, user, _rows: User.objects.filter(pk=user.pk).update(role="none-at-all"),
}


@pytest.mark.parametrize("how", WITHDRAWALS)
@pytest.mark.parametrize("slug", [slug for slug, action in MENU.items() if isinstance(action, Change | Create)])
def test_n30_what_waits_for_a_worker_changes_nothing_once_the_right_is_gone(
    world: World, slug: str, how: str, monkeypatch
):
    case = Case(MENU[slug], world)
    rows, job = _waiting(case, monkeypatch)
    WITHDRAWALS[how](world, case.user, rows)
    before, letters = _all(), OutboxMessage.objects.count()
    run(Job.objects.get(pk=job.pk), case.action)
    job.refresh_from_db()
    assert (job.state, job.changed, job.failed) == ("done", 0, 0)
    assert job.refused == job.total > 0
    assert (_all(), OutboxMessage.objects.count()) == (before, letters)
    assert not Event.objects.filter(job_id=job.pk).exists()


@pytest.mark.parametrize(
    "slug",
    [
        slug
        for slug, action in MENU.items()
        if isinstance(action, Change) and "offer" not in slug and "-transfer" not in slug
    ],
)
@pytest.mark.parametrize("what", ["deleted", "withdrawn"])
def test_n30_a_row_that_is_gone_or_closed_when_the_worker_comes_is_refused(
    world: World, slug: str, what: str, monkeypatch
):
    case = Case(MENU[slug], world)
    rows, job = _waiting(case, monkeypatch)
    was_deleted = rows[0].deleted_at is not None
    values = {"deleted": {"deleted_at": None if was_deleted else NOW}, "withdrawn": {"operator_access": False}}[what]
    Customer.objects.filter(pk__in=[row.pk for row in rows]).update(**values)
    before = _all()
    run(Job.objects.get(pk=job.pk), case.action)
    job.refresh_from_db()
    if what == "withdrawn" and job.changed:
        return  # what the provider still decides (tests/access/test_operator_withdrawn.py)
    assert (job.state, job.changed, job.refused) == ("done", 0, job.total)
    assert _all() == before


def _waiting(case: Case, monkeypatch) -> tuple[list[Customer], Job]:
    """A job that was clicked and that no worker has taken yet."""
    rows = case.rows(2)
    monkeypatch.setattr(submitting, "run", lambda *_given: None)
    job = submit(case.actor, case.action, select=case.select(rows), raw=case.params(), now=NOW)
    assert job.state == "queued"
    return rows, job


def _all() -> dict[str, str]:
    assert "job" in STATE
    return {name: digest for name, digest in fingerprint().items() if name not in ("job", "user")}


def test_r21_the_table_of_a_session(world: World):
    """Fixed keys, rotation, idleness and age, the back button; test_sign_in.py and test_sessions.py say more."""
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    signed_in(world.stan, browser)
    assert browser.session.session_key != "a" * 32
    page = browser.get("/customers")
    assert page["Cache-Control"] == "no-store"
    left = browser.cookies[settings.SESSION_COOKIE_NAME].value
    browser.post("/sign-out")
    again = Client()
    again.cookies[settings.SESSION_COOKIE_NAME] = left
    assert again.get("/customers").status_code == 302
    for name, age in (("began", settings.SESSION_COOKIE_AGE + 1), ("seen", settings.SESSION_IDLE_SECONDS + 1)):
        old = signed_in(world.stan)
        session = old.session
        session[name] = timezone.now().timestamp() - timedelta(seconds=age).total_seconds()
        session.save()
        assert old.get("/customers").status_code == 302
        assert old.get("/api/v1/jobs").status_code == 401
