"""A chunk in one statement: what it writes when somebody else holds the rows, and when it is not possible."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine import fuse
from bailiwick.engine.fuse import fits
from bailiwick.engine.judge import Judge
from bailiwick.engine.lease import claim
from bailiwick.engine.run import carry_out, run
from bailiwick.engine.selection import freeze_rows
from bailiwick.engine.submit import store_change, submit
from bailiwick.models import Customer, Event, Job, JobChunk, JobRefusal
from tests.world import World

ALERTS, DELETE = MENU.entry("update-customer-alerts"), MENU.entry("delete-customer")


@pytest.fixture(params=["old-by-name", "old-by-version"])
def open_world(transactional_db, request, monkeypatch):
    """Committed rows, and either way to the overwritten values: PostgreSQL 18's own, and that of older servers."""
    if request.param == "old-by-version":
        monkeypatch.setattr(fuse, "NAMES_OLD", 10**9)
    fuse.composed.cache_clear()
    yield World()
    fuse.composed.cache_clear()


class Require(type(ALERTS)):  # type: ignore[misc]
    """Sets a column of three values, whatever it is."""

    def refusals(self, *_asked):
        return ()

    def values(self, *_asked, **_more):
        return {"edge_authentication": "CERTIFICATE_REQUIRED"}


def stored(world, customers, raw):
    actor = world.actor(world.olga)
    with transaction.atomic():
        rows = Customer.objects.filter(pk__in=[customer.pk for customer in customers])
        return store_change(actor, ALERTS, freeze_rows(actor, rows, now=timezone.now()), raw=raw, now=timezone.now())


def carried_out_behind(job, meanwhile, action=ALERTS):
    """Runs the job in another thread while this one holds rows; `meanwhile` decides what they are when it lets go."""
    behind(lambda: run(job, action), meanwhile)


def behind(work, meanwhile):
    def in_a_thread():
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            meanwhile()
            future = pool.submit(in_a_thread)
            wait_until_it_waits()
        future.result(timeout=20)


def wait_until_it_waits():
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _again in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    pytest.fail("The job never waited for the lock.")


def test_the_event_says_what_the_other_writer_left_not_what_stood_there_when_it_began(open_world):
    customers = open_world.customers(5)
    job = stored(open_world, customers, {"enabled": "false"})
    taken = customers[2]
    update = Customer.objects.filter(pk=taken.pk)
    carried_out_behind(job, lambda: update.update(name="Renamed meanwhile", alerts_enabled=True, version=7))
    event = Event.objects.get(job_id=job.pk, customer_id=taken.pk)
    assert (event.subject, event.before, event.after) == (
        "Renamed meanwhile",
        {"alerts_enabled": True},
        {"alerts_enabled": False},
    )
    assert Customer.objects.get(pk=taken.pk).version == 8


def test_a_value_that_was_never_overwritten_is_not_told_as_such(open_world):
    customers = open_world.customers(3, edge_authentication="CERTIFICATE_OPTIONAL")
    job = stored(open_world, customers, {"enabled": "false"})
    taken = Customer.objects.filter(pk=customers[1].pk)
    carried_out_behind(job, lambda: taken.update(edge_authentication="CERTIFICATE_DISABLED"), Require())
    told = (
        Event.objects.filter(job_id=job.pk)
        .order_by("customer_id")
        .values_list("before__edge_authentication", flat=True)
    )
    assert list(told) == ["CERTIFICATE_OPTIONAL", "CERTIFICATE_DISABLED", "CERTIFICATE_OPTIONAL"]


def test_a_row_that_the_other_writer_made_so_is_refused_not_changed(open_world):
    customers = open_world.customers(5)
    job = stored(open_world, customers, {"enabled": "false"})
    taken = Customer.objects.filter(pk=customers[2].pk)
    carried_out_behind(job, lambda: taken.update(alerts_enabled=False))
    done = Job.objects.get(pk=job.pk)
    assert (done.changed, done.refused) == (4, 1)
    assert [row.customer_id for row in JobRefusal.objects.filter(job=job)] == [customers[2].pk]
    assert Event.objects.filter(job_id=job.pk).count() == 4


def test_a_row_that_was_deleted_meanwhile_is_gone(open_world):
    customers = open_world.customers(5)
    job = stored(open_world, customers, {"enabled": "false"})
    taken = Customer.objects.filter(pk=customers[4].pk)
    carried_out_behind(job, lambda: taken.update(deleted_at=timezone.now()))
    done = Job.objects.get(pk=job.pk)
    assert (done.changed, done.refused) == (4, 1)
    refusal = JobRefusal.objects.get(job=job)
    assert (refusal.code, refusal.customer_id) == ("gone", customers[4].pk)


def test_whoever_slips_away_or_is_gone_has_one_outcome_and_the_chunk_is_closed_once(open_world):
    customers = open_world.customers(6)
    job = stored(open_world, customers, {"enabled": "false"})
    so, renamed, gone = (Customer.objects.filter(pk=customer.pk) for customer in customers[1:4])

    def meanwhile():
        so.update(alerts_enabled=False)
        renamed.update(name="Another name")
        gone.update(deleted_at=timezone.now())

    carried_out_behind(job, meanwhile)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.changed, done.refused) == ("done", 4, 2)
    refused = dict(JobRefusal.objects.filter(job=job).values_list("customer_id", "code"))
    assert refused == {customers[1].pk: "already_so", customers[3].pk: "gone"}
    told = dict(Event.objects.filter(job_id=job.pk).values_list("customer_id", "subject"))
    changed = {customer.pk: customer.name for customer in (customers[0], *customers[4:])}
    assert told == changed | {customers[2].pk: "Another name"}
    assert [chunk.changed for chunk in JobChunk.objects.filter(job=job)] == [4]


def test_who_lost_the_job_meanwhile_writes_nothing(open_world):
    customers = open_world.customers(5)
    job = stored(open_world, customers, {"enabled": "false"})

    def another_claims_it():
        Customer.objects.filter(pk=customers[2].pk).update(domain="held.example")
        Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1)

    claimed = claim(job.pk)
    behind(lambda: carry_out(claimed, ALERTS), another_claims_it)
    assert not Event.objects.filter(job_id=job.pk).exists()
    assert Customer.objects.filter(alerts_enabled=True, pk__in=[customer.pk for customer in customers]).count() == 5
    assert Job.objects.get(pk=job.pk).changed == 0


def test_a_chunk_takes_the_same_statements_for_three_rows_as_for_three_hundred(world):
    assert statements(world, 3) == statements(world, 300)


def statements(world, number):
    job = stored(world, world.customers(number), {"enabled": "false"})
    with CaptureQueriesContext(connection) as captured:
        run(job, ALERTS)
    assert not any('FROM "bailiwick_customer"' in query["sql"] for query in captured)  # its own is not captured
    return len(captured)


def test_a_rule_that_looks_at_other_rows_locks_before_it_judges(world):
    actor = world.actor(world.olga)
    flag = Judge(ALERTS, actor, tuple(ALERTS.refusals({"enabled": False}, actor)))
    delete = Judge(DELETE, actor, tuple(DELETE.refusals({}, actor)))
    assert fits(flag, {"alerts_enabled": False})
    assert not fits(flag, {"city": "Delft"})
    assert not fits(flag, {"deleted_at": timezone.now()})
    assert not fits(delete, {"alerts_enabled": False})


def test_refused_rows_carry_name_code_and_reason(world):
    customers = world.customers(3, alerts_enabled=False)
    select = {"ids": [customer.pk for customer in customers]}
    job = submit(world.actor(world.olga), ALERTS, select=select, raw={"enabled": "false"}, now=timezone.now())
    assert (job.changed, job.refused) == (0, 3)
    found = JobRefusal.objects.filter(job=job).values_list("customer_name", "code", "reason")
    reason = "Customer alerts are off already."
    assert sorted(found) == sorted((customer.name, "already_so", reason) for customer in customers)
