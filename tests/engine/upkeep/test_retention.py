"""Old events go, young ones stay, and the portal's own role cannot do it by itself."""

from datetime import timedelta

import pytest
from django.db import connection

from bailiwick import audit
from bailiwick.access import links
from bailiwick.engine import properties
from bailiwick.engine.upkeep import retention
from bailiwick.models import Event, Job, JobInput, JobState, Link
from tests.world import NOW, World


def write(world, weeks, customer=None):
    at = NOW - timedelta(weeks=weeks)
    audit.record(world.actor(world.olga), "X", subject=f"{weeks}", customer=customer, at=at)


def remove(now=NOW, leaving=lambda: False):
    return retention.remove_old(now, leaving=leaving)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["NONE", "bailiwick_worker"])
def test_events_live_as_many_weeks_as_their_property_says(role):
    world = World()
    properties.update(world.actor(world.olga), "retentionWeeks.enterpriseEvents", "10", version=0, now=NOW)
    for weeks in (9, 11, 39, 41):
        write(world, weeks)
        write(world, weeks, world.contoso)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        assert remove() == 4
        cursor.execute("SELECT current_setting('role')")
        assert cursor.fetchone()[0].lower() == role.lower()
        cursor.execute("RESET ROLE")
    left = Event.objects.filter(name="X")
    assert set(left.values_list("subject", "customer_id")) == {
        ("9", None), ("11", None), ("39", None), ("9", world.contoso.pk),
    }  # fmt: skip
    told = Event.objects.filter(name="REMOVE_OLD_EVENTS")
    assert sorted(told.values_list("after__events", flat=True)) == [1, 3]
    assert remove() == 0


def test_it_works_in_chunks_and_stops_when_the_worker_leaves(world, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _number in range(5):
        write(world, 50)
    asked = iter([False, True, True])
    assert remove(leaving=lambda: next(asked)) == 2
    assert remove() == 3


def test_dead_links_go_after_a_month(world):
    links.issue(world.olga, links.RESET, NOW)
    assert remove(NOW + timedelta(days=30)) == 0
    assert remove(NOW + timedelta(days=31)) == 1
    assert not Link.objects.exists()


def test_rows_of_an_import_go_a_week_after_its_job_is_over(world):
    for state, finished in ((JobState.DONE, NOW), (JobState.RUNNING, None)):
        job = Job.objects.create(
            action="import-customers", user_id=world.olga.pk, state=state, created_at=NOW, finished_at=finished
        )
        JobInput.objects.create(job=job, number=0, rows=[{"line": 2, "name": "Contoso"}])
    assert remove(NOW + timedelta(days=7)) == 0
    assert remove(NOW + timedelta(days=8)) == 1
    assert list(JobInput.objects.values_list("job__state", flat=True)) == [JobState.RUNNING]
    assert Job.objects.count() == 2
