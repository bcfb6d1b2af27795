"""What a customer did while its partner was not let in stays closed to that partner, also once it has left (ADR 22)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from bailiwick.access import homes, users, wall
from bailiwick.access.history import EventFilter, read
from bailiwick.access.scope import events_for, jobs_for
from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.engine.upkeep import purge
from bailiwick.models import Customer, Event, GatewayPool, Job, PartnerPool
from tests.access.test_borders import all_of, moved
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW

if TYPE_CHECKING:
    from bailiwick.models import User
    from tests.world import World

SECRETS = ("Whisper", "dora@contoso.example", "Hush Street", "alerts_enabled", "operator_user_management")
CLOSED_TIME = {"CREATE_USER", "CUSTOMER_ALERTS_UPDATED", "ENTERPRISE_ENABLE_OPERATOR_USER_MGMT"}


def change(world: World, user: User, slug: str = "modify-customer", **raw: Any) -> Job:
    job = submit(world.actor(user), MENU[slug], select={"ids": [world.contoso.pk]}, raw=raw, now=timezone.now())
    assert job.changed == 1
    return job


@pytest.fixture
def closed(world: World) -> World:
    """Contoso works with Acme, takes its access away, and goes on: its own changes, a user, a bulk flag."""
    change(world, world.pia, city="Bern")
    change(world, world.carla, contact_name="Front desk")
    change(world, world.carla, partner_access="false", street="Hush Street")
    change(world, world.carla, contact_name="Whisper")
    carla = world.actor(world.carla)
    dora = users.Person(email="dora@contoso.example", role="customer-readonly")
    users.invite(carla, dora, home=homes.own(carla), now=NOW)
    change(world, world.carla, operator_user_management="true")
    change(world, world.olga, "update-customer-alerts", enabled="false")
    return world


def leave(world: World, how: str) -> None:
    if how == "release":
        change(world, world.olga, "release-from-partner")
    else:
        moved(world, getattr(world, how), partner_access=False)


def told(world: World) -> set[str]:
    """The names of what Pia reads of Contoso."""
    rows = events_for(world.actor(world.pia)).filter(customer_id=world.contoso.pk)
    return set(rows.values_list("name", flat=True))


@pytest.mark.parametrize("how", ["release", "olga", "stranger"])
def test_a_partner_that_was_shut_out_reads_nothing_of_that_time_once_the_customer_left(closed: World, how: str) -> None:
    leave(closed, how)
    shown = all_of(closed.pia) + signed_in(closed.pia).get("/jobs?whose=all").content.decode()
    assert [secret for secret in SECRETS if secret in shown] == []
    assert not CLOSED_TIME & told(closed)
    assert {"ENTERPRISE_DISABLE_PROXY_ACCESS", "ENTERPRISE_RELEASED", "UPDATE_ENTERPRISE"} <= told(closed)
    assert "Bern" in shown, "what it did itself while it was let in stays its own history"


@pytest.mark.parametrize("how", ["release", "olga"])
def test_behind_every_filter_the_database_shows_it_nothing_of_that_time(closed: World, how: str) -> None:
    leave(closed, how)
    with wall.behind(closed.actor(closed.pia)):
        events, jobs = str(list(Event.objects.values())), str(list(Job.objects.values()))
    assert [secret for secret in SECRETS if secret in events + jobs] == []
    assert "Bern" in events


def test_it_is_not_told_later_either_when_it_is_let_in_again(closed: World) -> None:
    change(closed, closed.carla, partner_access="true", contact_name="Reception")
    change(closed, closed.carla, city="Thun")
    shown = all_of(closed.pia)
    assert "Thun" in shown
    assert [secret for secret in SECRETS if secret in shown] == [], "not the values that were overwritten as it opened"


def test_the_customer_and_operators_read_all_of_it_and_by_which_partner(closed: World) -> None:
    leave(closed, "olga")
    for reader in (closed.carla, closed.olga):
        names = {event.name for event in read(closed.actor(reader), EventFilter(customer=closed.contoso.pk))[0]}
        assert names >= CLOSED_TIME
    assert "Whisper" in all_of(closed.carla)


def test_jobs_of_a_customer_that_shut_its_partner_out_are_its_own(closed: World) -> None:
    own = jobs_for(closed.actor(closed.carla))
    assert own.count() == 4
    seen = jobs_for(closed.actor(closed.pia))
    assert set(seen.values_list("user_id", flat=True)) == {closed.pia.pk}, "as long as it is closed, no job of it"
    assert {Script(closed.pia).get(f"/jobs/{job.pk}").status_code for job in own} == {404}
    assert Script(closed.carla).get(f"/jobs/{own.last().pk}").status_code == 200


def test_a_partner_that_never_was_let_in_reads_nothing_but_the_move_once_it_is_gone(world: World) -> None:
    other = GatewayPool.objects.create(name="Zenith's", name_key="zenith's", partner=world.zenith)
    PartnerPool.objects.filter(partner=world.zenith).delete()
    moved(world, world.olga, partner_access=False, missing_pool="move", gateway_pool=other.pk)
    change(world, world.olga, "release-from-partner", gateway_pool=world.pool.pk)
    rows = events_for(world.actor(world.stranger)).filter(customer_id=world.contoso.pk)
    assert set(rows.values_list("name", flat=True)) == {"ENTERPRISE_TRANSFERRED", "ENTERPRISE_RELEASED"}


def test_a_customer_that_was_purged_while_closed_opens_nothing(closed: World) -> None:
    Customer.objects.filter(pk=closed.contoso.pk).update(deleted_at=NOW - purge.DAYS_IN_BIN * 2)
    assert purge.purge(NOW, leaving=lambda: False)
    assert not CLOSED_TIME & told(closed)
    assert "Whisper" not in all_of(closed.pia)


@pytest.mark.parametrize("how", ["", "release", "olga"])
def test_events_and_jobs_from_before_this_rule_are_closed_by_the_migration(closed: World, how: str) -> None:
    if how:
        leave(closed, how)
    about = {"customer_id": closed.contoso.pk}
    acme = {"partner_id": closed.acme.pk}
    right, jobs = set(Event.objects.filter(**about, **acme).values_list("pk", flat=True)), Job.objects.filter(**about)
    Event.objects.filter(**about, partner_id=None).update(**acme)
    jobs.update(**acme)
    with connection.cursor() as cursor:
        cursor.execute(import_module("bailiwick.migrations.0025_border_in_time").CLOSED_TIME)
    assert set(Event.objects.filter(**about, **acme).values_list("pk", flat=True)) == right
    assert not jobs.filter(**acme).exists()


def test_what_operators_could_not_read_of_a_customer_they_cannot_read_once_it_is_purged(world: World) -> None:
    change(world, world.carla, contact_name="Whisper", city="Bern")
    change(world, world.carla, operator_access="false")
    fabrikam = world.customer("Fabrikam")
    olga = world.actor(world.olga)
    submit(olga, MENU["modify-customer"], select={"ids": [fabrikam.pk]}, raw={"city": "Thun"}, now=NOW)
    Customer.objects.update(deleted_at=NOW - purge.DAYS_IN_BIN * 2)
    assert "Whisper" not in all_of(world.olga)
    assert purge.purge(NOW, leaving=lambda: False)
    shown = all_of(world.olga)
    assert "Contoso" in shown
    assert "Whisper" not in shown
    assert any(event.after == {"city": "Thun"} for event in events_for(olga))
