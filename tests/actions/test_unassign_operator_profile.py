"""Unassign Operator Profile (domain 10.3, OPR-05)."""

from __future__ import annotations

from typing import Any

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, CustomerProfile, Edge, Event, Job, OperatorProfile
from tests.actions.test_assign_operator_profile import example as assigned
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.world import NOW, World

ACTION = MENU["unassign-operator-profile"]


def example(world: World) -> dict[str, Any]:
    return assigned(world)


def rows(world: World, number: int, **values: Any) -> list[Customer]:
    customers = world.customers(number, **{"edge_image_management": True, **values})
    early = OperatorProfile.objects.get(pk=assigned(world)["operator_profile"])
    for customer in customers:
        may_choose(customer, early)
    return customers


def unassign(world: World, taken: OperatorProfile, *customers: Customer) -> Job:
    select, raw = {"ids": [customer.pk for customer in customers]}, {"operator_profile": taken.pk}
    return submit(world.actor(world.olga, "api"), ACTION, select=select, raw=raw, now=NOW)


def test_opr_05_an_image_in_use_or_the_default_stays_and_the_edges_are_named(world: World) -> None:
    early = profile(world)
    used, free = world.customers(2, edge_image_management=True)
    for customer in (used, free):
        may_choose(customer, early)
    edge = world.edges(used)[0]
    Edge.objects.filter(pk=edge.pk).update(operator_profile=early)
    job = unassign(world, early, used, free)
    refusal = job.refusals.get()
    assert (job.changed, refusal.customer_id, refusal.code) == (1, used.pk, "profile_in_use")
    assert edge.name in refusal.named
    assert list(CustomerProfile.objects.values_list("customer_id", flat=True)) == [used.pk]
    event = Event.objects.get(job_id=job.pk)
    assert (event.name, event.customer_id) == ("OPERATOR_PROFILE_UNASSIGNED", free.pk)
    assert (event.before, event.after) == ({"assigned_profile_id": early.pk}, {"assigned_profile_id": None})
    assert unassign(world, world.profile, free).refusals.get().code == "profile_is_default"


def test_who_does_not_have_it_is_so_already(world: World) -> None:
    job = unassign(world, profile(world), world.customer("Without", edge_image_management=True))
    assert (job.changed, job.refusals.get().code) == (0, "already_so")
