"""Restore Customer (domain 6, decision 9)."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Job, JobRefusal
from tests.world import NOW, World

ACTION = MENU["restore-customer"]


def example(world: World) -> dict[str, str]:
    return {}


def rows(world: World, number: int, **values: Any) -> list[Customer]:
    """Only what is in the bin can be restored."""
    return world.customers(number, deleted_at=NOW, **values)


def test_it_brings_the_customer_back_with_its_users(world: World) -> None:
    olga, select = world.actor(world.olga, "api"), {"ids": [world.contoso.pk]}
    submit(olga, MENU["delete-customer"], select=select, raw={}, now=NOW)
    submit(olga, ACTION, select=select, raw={}, now=NOW)
    world.contoso.refresh_from_db()
    world.carla.refresh_from_db()
    assert (world.contoso.deleted_at, world.carla.deleted_at) == (None, None)


def test_it_refuses_a_customer_whose_name_was_taken_meanwhile(world: World) -> None:
    olga, select = world.actor(world.olga, "api"), {"ids": [world.contoso.pk]}
    submit(olga, MENU["delete-customer"], select=select, raw={}, now=NOW)
    world.customer("ＣＯＮＴＯＳＯ")
    assert [reason.code for reason in preview(olga, ACTION, select=select, raw={}, now=NOW).reasons] == ["name_taken"]
    assert submit(olga, ACTION, select=select, raw={}, now=NOW).changed == 0


def test_of_two_in_the_bin_with_one_name_the_last_comes_back(world: World) -> None:
    first, last = (world.customer("Twice", deleted_at=NOW) for _turn in range(2))
    job = submit(world.actor(world.olga), ACTION, select={"ids": [first.pk, last.pk]}, raw={}, now=NOW)
    assert (job.state, job.changed, job.refused) == ("done", 1, 1)
    assert Customer.objects.get(pk=last.pk).deleted_at is None
    assert codes_of(job) == ["name_repeated"]


def codes_of(job: Job) -> list[str]:
    return list(JobRefusal.objects.filter(job=job).values_list("code", flat=True))


def test_a_partner_undoes_its_own_deletion_and_finds_no_foreign_one(world: World) -> None:
    pia, foreign = world.actor(world.pia, "api"), world.customer("Foreign", partner=world.zenith)
    for actor, customer in ((pia, world.contoso), (world.actor(world.stranger, "api"), foreign)):
        select = {"ids": [customer.pk]}
        submit(actor, MENU["delete-customer"], select=select, raw={}, now=NOW, confirm=1)
    restored = submit(pia, ACTION, select={"ids": [world.contoso.pk]}, raw={}, now=NOW)
    assert restored.changed == 1
    with pytest.raises(InvalidParams):
        submit(pia, ACTION, select={"ids": [foreign.pk]}, raw={}, now=NOW)
