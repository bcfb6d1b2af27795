"""Delete Customer (domain 6, 20.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bailiwick.access import tokens
from bailiwick.access.actor import NotAllowed
from bailiwick.access.login import PasswordBackend, living_users
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.engine.upkeep.purge import purge
from bailiwick.models import BastionState, Customer, Event, Job
from tests.world import NOW, World

ACTION = MENU["delete-customer"]


def example(world: World) -> dict[str, str]:
    return {}


def reasons(world: World, customer: Customer) -> list[str]:
    shown = preview(world.actor(world.olga), ACTION, select={"ids": [customer.pk]}, raw={}, now=NOW)
    return [reason.code for reason in shown.reasons]


def test_it_refuses_a_customer_with_edges_one_or_many(world: World) -> None:
    one, many = world.customers(2)
    world.edges(one)
    world.edges(many, 3)
    assert (reasons(world, one), reasons(world, many)) == (["has_edges"], ["has_edges"])


def test_of_a_customer_that_shut_operators_out_no_edge_is_counted(world: World) -> None:
    closed = world.customer("Closed", operator_access=False)
    world.edges(closed, 3)
    (reason,) = preview(world.actor(world.olga), ACTION, select={"ids": [closed.pk]}, raw={}, now=NOW).reasons
    assert (reason.code, "3" in reason.because, "closed to you" in reason.because) == ("has_edges", False, True)


def test_it_refuses_a_customer_that_the_bastion_holds(world: World) -> None:
    for state in (BastionState.STAGE_REQUESTED, BastionState.STAGED, BastionState.UNSTAGE_REQUESTED):
        assert reasons(world, world.customer(f"In {state}", bastion_state=state)) == ["is_staged"]
    assert reasons(world, world.customer("Out again", bastion_state=BastionState.UNSTAGED)) == []


def test_it_ends_the_sign_ins_of_its_users_and_frees_the_name(world: World) -> None:
    submit(world.actor(world.olga, "api"), ACTION, select={"ids": [world.contoso.pk]}, raw={}, now=NOW)
    assert not living_users().filter(pk=world.carla.pk).exists()
    assert world.customer("Contoso").pk != world.contoso.pk


def delete(world: World, *customers: Customer, door: str = "web", confirm: int | None = None) -> Job:
    select = {"ids": [customer.pk for customer in customers]}
    confirm = len(customers) if confirm is None else confirm
    return submit(world.actor(world.olga, door), ACTION, select=select, raw={}, now=NOW, confirm=confirm)


def test_del_01_a_customer_with_one_edge_is_refused_with_the_count(world: World) -> None:
    one, many = world.customers(2)
    world.edges(one)
    world.edges(many, 12)
    job = delete(world, one, many)
    assert (job.changed, job.refused) == (0, 2)
    assert list(job.refusals.order_by("customer_id").values_list("reason", flat=True)) == [
        "Has 1 edge: remove it first.",
        "Has 12 edges: remove them first.",
    ]


def test_del_02_two_customers_without_edges_go_when_two_is_typed(world: World) -> None:
    assert delete(world, *world.customers(2), confirm=2).changed == 2


def test_del_03_a_wrong_number_deletes_nothing_at_any_door(world: World) -> None:
    customers = world.customers(2)
    for door in ("web", "api", "shell"):
        with pytest.raises(InvalidParams, match="Type 2"):
            delete(world, *customers, door=door, confirm=3)
    assert Customer.objects.filter(deleted_at=None, pk__in=[c.pk for c in customers]).count() == 2


def test_del_04_the_deletable_one_goes_and_the_other_is_reported(world: World) -> None:
    empty, held = world.customers(2)
    world.edges(held)
    job = delete(world, empty, held)
    assert (job.changed, job.refused) == (1, 1)
    assert job.refusals.get().customer_id == held.pk


def test_del_05_its_users_and_their_tokens_end_at_once(world: World) -> None:
    token = tokens.create(world.actor(world.carla), world.carla, name="script", now=NOW)
    assert tokens.actor_for_token(f"Token {token}", "127.0.0.1", now=NOW) is not None
    delete(world, world.contoso)
    assert tokens.actor_for_token(f"Token {token}", "127.0.0.1", now=NOW) is None
    assert PasswordBackend().get_user(world.carla.pk) is None


def test_del_06_its_events_stay_and_name_it(world: World) -> None:
    submit(
        world.actor(world.olga),
        MENU["update-customer-alerts"],
        select={"ids": [world.contoso.pk]},
        raw={"enabled": "false"},
        now=NOW,
    )
    delete(world, world.contoso)
    purge(timezone.now() + timedelta(days=31), leaving=lambda: False)
    assert not Customer.objects.filter(pk=world.contoso.pk).exists()
    kept = Event.objects.filter(customer_id=world.contoso.pk).values_list("name", "subject")
    assert {("CUSTOMER_ALERTS_UPDATED", "Contoso"), ("DELETE_ENTERPRISE", "Contoso")} <= set(kept)


def test_del_07_a_staged_customer_is_refused(world: World) -> None:
    job = delete(world, world.customer("Staged", bastion_state=BastionState.STAGED))
    assert (job.refused, job.refusals.get().code) == (1, "is_staged")


def test_del_08_a_business_operator_is_refused(world: World) -> None:
    with pytest.raises(NotAllowed):
        submit(world.actor(world.bea), ACTION, select={"ids": [world.contoso.pk]}, raw={}, now=NOW, confirm=1)


def test_del_09_the_deletion_is_logged_with_who_and_when(world: World) -> None:
    job = delete(world, world.contoso)
    event = Event.objects.get(job_id=job.pk)
    assert (event.name, event.actor_name, event.subject) == ("DELETE_ENTERPRISE", world.olga.email, "Contoso")
    assert event.before == {"deleted_at": None}
