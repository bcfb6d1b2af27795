"""A small job in one statement: all of it is done, or nothing and the longer way is taken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine.once import done_at_once
from bailiwick.engine.run import run
from bailiwick.models import CHUNK, Customer, Event, Job, JobChunk, JobRefusal, JobState, User
from tests.engine.test_fuse import behind, stored
from tests.world import NOW, World

ALERTS, TRANSFER = MENU["update-customer-alerts"], MENU["transfer-to-partner"]
OFF = {"enabled": "false"}


def require_untouched(job):
    """Nothing is written: not the job, not a row, no outcome."""
    now = Job.objects.get(pk=job.pk)
    assert (now.state, now.fence, now.changed + now.refused) == (JobState.QUEUED, 0, 0)
    assert not Event.objects.filter(job_id=job.pk).exists()
    assert not JobRefusal.objects.filter(job=job).exists()
    assert not JobChunk.objects.filter(job=job).exists()
    assert not Customer.objects.filter(alerts_enabled=False).exists()


def test_it_is_claimed_done_and_ended_with_an_outcome_for_every_row(world):
    customers = [*world.customers(4), *world.customers(3, alerts_enabled=False)]
    job = stored(world, customers, OFF)
    assert done_at_once(job, ALERTS)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.fence, done.changed, done.refused, done.pending) == (JobState.DONE, 1, 4, 3, 0)
    assert job.created_at <= done.started_at <= done.finished_at
    assert done.lease_until is None
    assert not JobChunk.objects.filter(job=job).exists()  # its own row says it all
    assert Event.objects.filter(job_id=job.pk).count() == 4
    assert JobRefusal.objects.filter(job=job, code="already_so").count() == 3


def test_it_is_done_once_however_often_it_is_run(world):
    job = stored(world, world.customers(3), OFF)
    assert done_at_once(job, ALERTS)
    assert not done_at_once(job, ALERTS)  # the row that was read before says "queued"
    run(job, ALERTS)
    assert Event.objects.filter(job_id=job.pk).count() == 3
    assert Job.objects.get(pk=job.pk).changed == 3


def test_where_a_customer_is_gone_nothing_is_done_and_the_longer_way_says_so(world):
    customers = world.customers(4)
    job = stored(world, customers, OFF)
    Customer.objects.filter(pk=customers[1].pk).update(deleted_at=timezone.now())
    assert not done_at_once(job, ALERTS)
    require_untouched(job)
    run(job, ALERTS)
    assert JobRefusal.objects.get(job=job).code == "gone"
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


def test_a_job_that_somebody_asked_to_cancel_is_not_begun(world):
    job = stored(world, world.customers(2), OFF)
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=NOW)
    assert not done_at_once(job, ALERTS)
    require_untouched(job)
    run(job, ALERTS)
    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED


def test_a_user_who_may_no_longer_act_begins_nothing(world):
    customers = world.customers(2)
    job = stored(world, customers, OFF)
    User.objects.filter(pk=world.olga.pk).update(is_active=False)
    assert not done_at_once(job, ALERTS)
    require_untouched(job)


def test_an_error_in_a_rule_fails_the_job_and_is_logged_once(world, caplog):
    class Broken(type(ALERTS)):  # type: ignore[misc]
        def refusals(self, *_asked):
            raise ZeroDivisionError

    job = stored(world, world.customers(2), OFF)
    run(job, Broken())
    assert Job.objects.get(pk=job.pk).state == JobState.FAILED
    assert len([record for record in caplog.records if record.exc_info]) == 1


@pytest.mark.parametrize("why", ["too many", "an action with more to do", "an undo"])
def test_what_is_not_a_small_job_of_plain_flags_is_claimed_first(world, why):
    job = stored(world, world.customers(2), OFF)
    action = TRANSFER if why == "an action with more to do" else ALERTS
    job.total = CHUNK + 1 if why == "too many" else job.total
    job.undo_of = job if why == "an undo" else None
    assert not done_at_once(job, action)
    require_untouched(job)


@pytest.mark.usefixtures("transactional_db")
def test_a_worker_that_claims_the_job_meanwhile_keeps_it():
    world = World()
    customers = world.customers(3)
    job = stored(world, customers, OFF)

    def another_claims_it():
        Customer.objects.filter(pk=customers[2].pk).update(domain="held.example")
        later = timezone.now() + timedelta(minutes=1)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, fence=1, lease_until=later)

    behind(lambda: run(job, ALERTS), another_claims_it)
    now = Job.objects.get(pk=job.pk)
    assert (now.state, now.fence, now.changed) == (JobState.RUNNING, 1, 0)
    assert not Event.objects.filter(job_id=job.pk).exists()
    assert Customer.objects.filter(alerts_enabled=True).count() == Customer.objects.count()
