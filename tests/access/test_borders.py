"""Nobody reads across the border: of a customer that moved, of a partner that closed itself (domain 8.2, 8.4)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from bailiwick import audit
from bailiwick.access import homes, users
from bailiwick.access.history import EventFilter, history, read
from bailiwick.access.login import WrongPassword, check
from bailiwick.access.wall import behind
from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Event, Partner, SystemProperty, WholeEvent
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW

if TYPE_CHECKING:
    from bailiwick.models import Job, User
    from tests.world import World

PIAS = ("pia@acme.example", "Pialotta", "paul@acme.example", "192.0.2.77")


def moved(world: World, by: User, **raw: Any) -> Job:
    """Acme's customer goes to Zenith: by the operator, or offered by it and taken by the other partner."""
    switch = {"value": by.level == "partner"}
    SystemProperty.objects.update_or_create(name="session.options.partnerAcceptsTransfers", defaults=switch)
    select, to = {"ids": [world.contoso.pk]}, {"partner": world.zenith.pk, "from_partner": True, **raw}
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    job = submit(world.actor(world.olga, "api"), MENU["transfer-to-partner"], select=select, raw=to, now=now)
    if by.level == "partner":
        job = submit(world.actor(by, "api"), MENU["accept-transfer"], select=select, raw={}, now=now)
    assert job.changed == 1
    return job


def all_of(user: User) -> str:
    """Every word that the portal tells somebody of what happened."""
    script, browser = Script(user), signed_in(user)
    shown = [script.get(path).content.decode() for path in ("/events", "/jobs")]
    shown += [browser.get(path).content.decode() for path in ("/events", "/jobs")]
    shown.append(b"".join(browser.get("/events.csv").streaming_content).decode())
    return "\n".join(shown)


@pytest.mark.parametrize("who", ["olga", "stranger"])
def test_who_loses_a_customer_learns_that_it_left_and_nothing_of_the_other_side(world: World, who: str) -> None:
    job = moved(world, getattr(world, who))
    told = [row for row in Script(world.pia).get("/events").json()["data"] if row["name"] == "ENTERPRISE_RELEASED"]
    assert len(told) == 1
    assert (told[0]["subject"], told[0]["actor_name"], told[0]["door"]) == ("Contoso", "the operator", "")
    assert (
        (told[0]["actor_id"], told[0]["job_id"]) == (None, None) if "actor_id" in told[0] else told[0]["job_id"] is None
    )
    assert told[0]["after"]["partner_id"] is None
    shown = all_of(world.pia)
    assert not any(secret in shown for secret in ("stranger@", "Zenith", f'"partner_id": {world.zenith.pk}'))
    assert read(world.actor(world.pia), EventFilter(job=job.pk))[0] == []
    assert read(world.actor(world.pia), EventFilter(actor="zenith"))[0] == []


def test_who_takes_a_customer_reads_nothing_of_the_side_that_it_left(world: World) -> None:
    audit.record(world.actor(world.pia), "UPDATE_ENTERPRISE", subject="Contoso", customer=world.contoso, at=NOW)
    job = moved(world, world.stranger)
    rows = Script(world.stranger).get(f"/jobs/{job.pk}/outcomes?outcome=changed").json()["data"]
    assert rows
    assert all((row["before"] or {}).get("partner_id") is None for row in rows)
    shown = all_of(world.stranger) + str(rows)
    shown += signed_in(world.stranger).get(f"/jobs/{job.pk}?outcome=changed").content.decode()
    assert not any(secret in shown for secret in ("pia@", "Acme", f"'partner_id': {world.acme.pk}"))
    assert "Contoso" in shown


def test_operators_and_the_customer_read_who_moved_it_and_where(world: World) -> None:
    job = moved(world, world.stranger)
    for reader in (world.olga, world.carla):
        (event,) = read(world.actor(reader), EventFilter(name="ENTERPRISE_TRANSFERRED"))[0]
        assert (event.actor_name, event.job_id) == (world.stranger.email, job.pk)
        assert (event.before["partner_id"], event.after["partner_id"]) == (world.acme.pk, world.zenith.pk)
        assert (event.before["partner_access"], event.after["partner_access"]) == (True, True)
        (left,) = read(world.actor(reader), EventFilter(name="ENTERPRISE_RELEASED"))[0]
        assert (left.before["partner_id"], left.after["partner_id"]) == (world.acme.pk, None)
        (shut,) = read(world.actor(reader), EventFilter(name="ENTERPRISE_DISABLE_PROXY_ACCESS"))[0]
        assert {(each.actor_id, each.actor_name) for each in (left, shut)} == {
            (world.stranger.pk, world.stranger.email)
        }


def test_operators_read_in_the_job_from_whom_a_customer_moved_and_the_new_partner_does_not(world: World) -> None:
    job = moved(world, world.stranger)
    path = f"/jobs/{job.pk}/outcomes?outcome=changed"
    (row,) = Script(world.olga).get(path).json()["data"]
    assert (row["before"]["partner_id"], row["after"]["partner_id"]) == (world.acme.pk, world.zenith.pk)
    (row,) = Script(world.stranger).get(path).json()["data"]
    assert row["before"] == {"partner_access": False}


def test_no_partner_reads_the_other_half_behind_any_filter(world: World) -> None:
    """Each log holds its own half, and the view that joins them joins nothing for a partner."""
    moved(world, world.stranger)
    for reader, secrets in ((world.pia, ("stranger@", str(world.zenith.pk))), (world.stranger, ("pia@", "true"))):
        with behind(world.actor(reader)):
            for table in (Event, WholeEvent):
                told = list(table.objects.filter(customer_id=world.contoso.pk).values("actor_name", "before"))
                assert told
                assert not [secret for secret in secrets if secret in json.dumps(told)], table


def test_a_release_is_told_as_it_was(world: World) -> None:
    submit(world.actor(world.olga), MENU["release-from-partner"], select={"ids": [world.contoso.pk]}, raw={}, now=NOW)
    submit(world.actor(world.olga), MENU["transfer-to-partner"], select={"ids": [world.contoso.pk]},
           raw={"partner": world.zenith.pk}, now=NOW)  # fmt: skip
    (event,) = read(world.actor(world.olga), EventFilter(name="ENTERPRISE_TRANSFERRED"))[0]
    assert event.before["partner_id"] is None, "it had none, though it was released in the same moment"


def test_what_is_told_of_a_customers_user_names_the_customer_and_not_who_invited_him(world: World) -> None:
    pia = world.actor(world.pia)
    dora = users.Person(email="dora@contoso.example", role="customer-readonly")
    users.invite(pia, dora, home=homes.find(pia, customer=world.contoso.pk), now=NOW)
    found = read(world.actor(world.olga), EventFilter(customer=world.contoso.pk))[0]
    assert {(event.actor_name, event.subject) for event in found} == {(world.pia.email, "an administrator of Contoso")}
    Partner.objects.filter(pk=world.acme.pk).update(operator_access=False)
    found = read(world.actor(world.olga), EventFilter(customer=world.contoso.pk))[0]
    assert {(event.actor_name, event.subject) for event in found} == {
        ("an administrator of Acme Partners", "an administrator of Contoso")
    }


@pytest.fixture
def closed(world: World) -> World:
    """Pia signs in wrongly, renames herself, invites Paul, changes a customer, runs a job; then Acme closes itself."""
    pia = world.actor(world.pia)
    with pytest.raises(WrongPassword):
        check(world.pia.email, "wrong", address="192.0.2.77", now=NOW)
    users.update_own(pia, first_name="Pialotta", now=NOW)
    users.invite(pia, users.Person(email="paul@acme.example", role="partner-standard"), home=homes.own(pia), now=NOW)
    audit.record(pia, "UPDATE_ENTERPRISE_PROXY", subject="Acme Partners", partner_id=world.acme.pk,
                 after={"city": "Bern", "operator_access": False}, category="ENTERPRISE", at=NOW)  # fmt: skip
    raw = {"contact_name": "Front desk"}
    submit(pia, MENU["modify-customer"], select={"ids": [world.contoso.pk]}, raw=raw, now=NOW)
    audit.record(world.actor(world.olga), "CREATE_USER", subject=world.pia.email, partner_id=world.acme.pk, at=NOW)
    Partner.objects.filter(pk=world.acme.pk).update(operator_access=False)
    return world


@pytest.mark.parametrize("who", ["olga", "sam"])
def test_a_partner_that_let_no_operator_in_names_no_user_to_one(closed: World, who: str) -> None:
    reader = getattr(closed, who)
    shown = all_of(reader)
    shown += signed_in(reader).get(f"/customers/{closed.contoso.pk}/events").content.decode()
    assert [secret for secret in (*PIAS, "Bern") if secret in shown] == []
    assert "an administrator of Acme Partners" in shown
    assert [asked for asked in ("pia", "acme.example") if read(closed.actor(reader), EventFilter(actor=asked))[0]] == []
    assert history(closed.actor(reader), closed.contoso.pk)[0]


def test_it_shows_them_again_once_it_lets_operators_in_and_always_to_itself(closed: World) -> None:
    own = {event.actor_name for event in read(closed.actor(closed.pia), EventFilter())[0]}
    assert closed.pia.email in own
    Partner.objects.filter(pk=closed.acme.pk).update(operator_access=True)
    assert [told for told in (*PIAS, "Bern") if told not in all_of(closed.olga)] == []


def test_the_letters_of_a_partners_job_are_its_own(world: World) -> None:
    raw = {"to": [world.carla.email], "subject": "Hello", "message": "Text"}
    now = timezone.now() - timedelta(seconds=1)
    job = submit(world.actor(world.pia), MENU["support-email"], select={"ids": [world.contoso.pk]}, raw=raw, now=now)
    assert world.carla.email in signed_in(world.pia).get(f"/jobs/{job.pk}").content.decode()
    assert world.carla.email not in signed_in(world.olga).get(f"/jobs/{job.pk}").content.decode()
    assert Event.objects.filter(name="SUPPORT_EMAIL").exists()
