"""Delete Customer (domain 6, 20.4)."""

from __future__ import annotations

from bailiwick.access.login import living_users
from bailiwick.actions import MENU
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import BastionState, Customer
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


def test_it_refuses_a_customer_that_the_bastion_holds(world: World) -> None:
    for state in (BastionState.STAGE_REQUESTED, BastionState.STAGED, BastionState.UNSTAGE_REQUESTED):
        assert reasons(world, world.customer(f"In {state}", bastion_state=state)) == ["is_staged"]
    assert reasons(world, world.customer("Out again", bastion_state=BastionState.UNSTAGED)) == []


def test_it_ends_the_sign_ins_of_its_users_and_frees_the_name(world: World) -> None:
    submit(world.actor(world.olga, "api"), ACTION, select={"ids": [world.contoso.pk]}, raw={}, now=NOW)
    assert not living_users().filter(pk=world.carla.pk).exists()
    assert world.customer("Contoso").pk != world.contoso.pk
