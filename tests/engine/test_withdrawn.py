"""A right that is withdrawn while a job waits or runs: the rest is refused, row by row, with the reason (R-27)."""

import pytest

from bailiwick.access import roles, users
from bailiwick.access.permissions import ROLES, Permission
from bailiwick.actions import MENU
from bailiwick.engine import run as running
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, JobRefusal, JobState, SystemProperty, User
from tests.world import NOW

ALERTS = MENU["update-customer-alerts"]
OFF = {"enabled": "false"}


@pytest.fixture
def job(world):
    world.customers(2_499)
    made = submit(world.actor(world.stan), ALERTS, select={"matching": {}}, raw=OFF, now=NOW)
    assert made.state == JobState.QUEUED
    return made


WITHDRAWALS = {
    "another role": (lambda world: users.change_role(world.actor(world.olga), world.stan.pk, "support", now=NOW),
                     "Your role does not allow this."),
    "disabled": (lambda world: users.disable(world.actor(world.olga), world.stan.pk, now=NOW),
                 "The user who started this may no longer act."),
    "removed": (lambda world: users.delete(world.actor(world.olga), world.stan.pk, now=NOW),
                "The user who started this may no longer act."),
}  # fmt: skip


@pytest.mark.parametrize("how", WITHDRAWALS)
def test_what_is_withdrawn_before_the_worker_comes_changes_nothing(world, job, how):
    withdraw, reason = WITHDRAWALS[how]
    withdraw(world)
    running.run(job, ALERTS)
    job.refresh_from_db()
    assert (job.state, job.changed, job.refused) == (JobState.DONE, 0, 2_500)
    assert set(JobRefusal.objects.filter(job=job).values_list("reason", flat=True)) == {reason}
    assert not Customer.objects.filter(alerts_enabled=False).exists()
    assert not Event.objects.filter(job_id=job.pk).exists()


@pytest.mark.parametrize("how", WITHDRAWALS)
def test_what_is_withdrawn_between_two_chunks_refuses_the_rest(world, job, how, monkeypatch):
    withdraw, reason = WITHDRAWALS[how]
    original, done = running._chunk, []

    def after_the_first(*given, **named):
        answer = original(*given, **named)
        done.append(1)
        if len(done) == 1:
            withdraw(world)
        return answer

    monkeypatch.setattr(running, "_chunk", after_the_first)
    running.run(job, ALERTS)
    job.refresh_from_db()
    assert (job.state, job.changed, job.refused) == (JobState.DONE, 1_000, 1_500)
    refused = JobRefusal.objects.filter(job=job)
    assert (refused.count(), set(refused.values_list("reason", flat=True))) == (1_500, {reason})
    assert not refused.filter(customer_name="").exists()
    assert Customer.objects.filter(alerts_enabled=False).count() == 1_000


def test_a_custom_role_that_loses_the_right_stops_a_running_job(world, monkeypatch):
    SystemProperty.objects.create(name=roles.SWITCH, value=True)
    olga, base = world.actor(world.olga), ROLES["operator"]["standard"]
    row = roles.create(olga, roles.Draft("Ours", "standard", base), now=NOW)
    users.change_role(olga, world.stan.pk, f"custom:{row.pk}", now=NOW)
    world.customers(1_999)
    job = submit(world.actor(User.objects.get(pk=world.stan.pk)), ALERTS, select={"matching": {}}, raw=OFF, now=NOW)
    original = running._chunk

    def then_less(*given, **named):
        answer = original(*given, **named)
        if row.version == 1:
            less = roles.Draft("Ours", "standard", base - {Permission.CUSTOMER_ALERTS})
            row.version = roles.update(olga, row.pk, less, version=1, now=NOW).version
        return answer

    monkeypatch.setattr(running, "_chunk", then_less)
    running.run(job, ALERTS)
    job.refresh_from_db()
    assert (job.changed, job.refused) == (1_000, 1_000)


def test_a_row_that_went_to_another_owner_is_refused_without_its_name(world):
    mine = world.customers(1_100, partner=world.acme)
    job = submit(world.actor(world.pia), ALERTS, select={"ids": [row.pk for row in mine]}, raw=OFF, now=NOW)
    Customer.objects.filter(pk=mine[0].pk).update(partner=world.zenith)
    users.disable(world.actor(world.olga), world.pia.pk, now=NOW)
    running.run(job, ALERTS)
    assert JobRefusal.objects.get(job=job, customer_id=mine[0].pk).customer_name == ""
    assert JobRefusal.objects.get(job=job, customer_id=mine[1].pk).customer_name == mine[1].name
