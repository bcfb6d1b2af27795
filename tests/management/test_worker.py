"""The worker is killed, frozen and told to leave; its jobs do not notice."""

from __future__ import annotations

import signal
import time
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Count

from bailiwick.actions import MENU
from bailiwick.engine.lease import LEASE_SECONDS
from bailiwick.engine.submit import submit
from bailiwick.models import CHUNK, Customer, Event, Job, JobChunk, JobState
from tests.processes import wait_for
from tests.world import NOW, World

ALERTS = MENU["update-customer-alerts"]
RESUMED_WITHIN = 15


def big_job(world: World, number: int = 5_000) -> Job:
    world.customers(number)
    job = submit(world.actor(world.olga), ALERTS, select={"matching": {}}, raw={"enabled": "false"}, now=NOW)
    assert job.state == JobState.QUEUED
    return job


def now_of(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def is_over(job: Job) -> bool:
    return now_of(job).is_over


def require_exactly_once(job: Job) -> None:
    """Every row changed once, with one event each: no row twice, none left out."""
    job = now_of(job)
    assert (job.state, job.changed + job.refused, job.pending) == (JobState.DONE, job.total, 0)
    assert not Customer.objects.filter(alerts_enabled=True).exists()
    events = Event.objects.filter(job_id=job.pk)
    assert events.count() == job.changed == Customer.objects.filter(version=2).count()
    assert not events.values("customer_id").annotate(n=Count("id")).filter(n__gt=1).exists()


def test_a_submitted_job_wakes_a_worker_which_leaves_when_told(lasting_world, workers) -> None:
    worker = workers()
    job = big_job(lasting_world, 1_500)
    wait_for(lambda: is_over(job))
    require_exactly_once(job)
    worker.send(signal.SIGTERM)
    assert worker.process.wait(5) == 0, worker.end()


def test_a_killed_worker_is_followed_by_another_which_finishes_exactly_once(lasting_world, workers) -> None:
    job = big_job(lasting_world, 3_000)
    worker = workers()
    wait_for(lambda: JobChunk.objects.filter(job=job).exists())
    worker.send(signal.SIGKILL)
    workers()
    assert wait_for(lambda: is_over(job)) < RESUMED_WITHIN
    require_exactly_once(job)


def test_a_worker_whose_database_went_away_takes_its_job_up_again_before_the_lease_has_passed(
    lasting_world, workers
) -> None:
    job = big_job(lasting_world, 3_000)
    with transaction.atomic(), psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        Customer.objects.select_for_update().get(pk=job.selection.chunks.get(number=1).customer_ids[500])
        workers()
        wait_for(lambda: JobChunk.objects.filter(job=job).exists() and waiting(other))
        other.execute(LIMIT.format(0))
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        time.sleep(0.5)
        other.execute(LIMIT.format(-1))
    assert wait_for(lambda: is_over(job)) < LEASE_SECONDS - 2
    require_exactly_once(job)
    assert now_of(job).fence == 2


LIMIT = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT {}', current_database()); END $$"


def waiting(other: psycopg.Connection[Any]) -> bool:
    return bool(other.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchall())


def test_two_workers_on_one_job_do_it_once(lasting_world, workers) -> None:
    workers(), workers()
    job = big_job(lasting_world, 3_000)
    wait_for(lambda: is_over(job))
    require_exactly_once(job)
    assert JobChunk.objects.filter(job=job).count() == -(-job.total // CHUNK)


def test_a_worker_that_is_told_to_leave_gives_its_job_to_the_next(lasting_world, workers) -> None:
    job = big_job(lasting_world)
    worker = workers()
    wait_for(lambda: JobChunk.objects.filter(job=job).exists())
    worker.send(signal.SIGTERM)
    assert worker.process.wait(10) == 0
    left = now_of(job)
    assert left.is_over or left.lease_until is None
    workers()
    wait_for(lambda: is_over(job), within=10)
    require_exactly_once(job)


def test_a_frozen_worker_whose_lease_has_passed_on_writes_nothing_when_it_wakes(lasting_world, workers) -> None:
    job = big_job(lasting_world)
    frozen = workers()
    wait_for(lambda: now_of(job).state == JobState.RUNNING)
    frozen.send(signal.SIGSTOP)
    fence = now_of(job).fence
    assert not is_over(job), "This machine is too fast for the test: make the job larger."
    workers()
    wait_for(lambda: is_over(job), within=30)
    frozen.send(signal.SIGCONT)
    frozen.send(signal.SIGTERM)
    frozen.process.wait(10)
    assert now_of(job).fence > fence
    require_exactly_once(job)
