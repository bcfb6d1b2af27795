"""The list in the order of the last change, which the worker follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.listing.grid import page
from bailiwick.engine.submit import submit
from bailiwick.engine.upkeep.order import keep_order
from bailiwick.models import Customer, CustomerStat, Job, JobState
from tests.world import NOW, World

LATER = NOW + timedelta(days=400)


def stay() -> bool:
    return False


def flip(world: World, *customers: Customer, now=LATER) -> Job:
    select, raw = {"ids": [customer.pk for customer in customers]}, {"enabled": "false"}
    return submit(world.actor(world.olga), MENU["update-customer-alerts"], select=select, raw=raw, now=now)


def newest(world: World, **more) -> list[int]:
    return [row.id for row in page(world.actor(world.olga), {}, sort="-modified", **more).rows]


def test_what_a_job_changed_comes_first_once_the_worker_has_followed(world: World) -> None:
    others = world.customers(3)
    flip(world, world.contoso)
    assert keep_order(leaving=stay) == 1
    assert newest(world)[0] == world.contoso.pk
    flip(world, others[1], now=LATER + timedelta(seconds=1))
    keep_order(leaving=stay)
    assert newest(world)[:2] == [others[1].pk, world.contoso.pk]


def test_a_job_is_followed_once(world: World) -> None:
    job = flip(world, world.contoso)
    assert keep_order(leaving=stay) == 1
    job.refresh_from_db()
    assert job.is_listed
    assert keep_order(leaving=stay) == 0


def test_a_job_under_way_waits_for_its_end(world: World) -> None:
    Job.objects.filter(pk=flip(world, world.contoso).pk).update(state=JobState.RUNNING)
    assert keep_order(leaving=stay) == 0


def test_a_refused_customer_keeps_its_place(world: World) -> None:
    flip(world, world.contoso)
    keep_order(leaving=stay)
    before = CustomerStat.objects.get(customer=world.contoso).modified_at
    flip(world, world.contoso, now=LATER + timedelta(days=1))
    keep_order(leaving=stay)
    assert CustomerStat.objects.get(customer=world.contoso).modified_at == before


def test_a_worker_that_leaves_takes_no_further_job(world: World) -> None:
    flip(world, world.contoso)
    assert keep_order(leaving=lambda: True) == 0


@pytest.mark.parametrize("sort", ["modified", "-modified"])
def test_pages_in_this_order_hold_everybody_once(world: World, sort: str) -> None:
    made = world.customers(7)
    flip(world, *made[::2])
    keep_order(leaving=stay)
    seen, token = [], None
    while True:
        found = page(world.actor(world.olga), {}, sort=sort, limit=3, after=token)
        seen += [row.id for row in found.rows]
        token = found.next
        if token is None:
            break
    assert sorted(seen) == sorted(Customer.objects.filter(deleted_at=None).values_list("pk", flat=True))
