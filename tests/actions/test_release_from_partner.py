"""Release from Partner (domain 8.3, 20.8)."""

from __future__ import annotations

from typing import Any

from bailiwick.access.scope import customers_for
from bailiwick.actions import MENU
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Edge, Event, GatewayPool, Job
from tests.actions.test_transfer_to_partner import moved_to, owners, pool
from tests.api.client import Script
from tests.world import NOW, World

ACTION = MENU["release-from-partner"]


def example(world: World) -> dict[str, Any]:
    return {}


def rows(world: World, number: int, **values: Any) -> list[Customer]:
    return world.customers(number, **{"partner": world.acme, **values})


def release(world: World, *customers: Customer, **params: Any) -> Job:
    select = {"ids": [customer.pk for customer in customers]}
    return submit(world.actor(world.olga, "api"), ACTION, select=select, raw=params, now=NOW)


def of_its_own(world: World) -> GatewayPool:
    return pool("Acme own", partner=world.acme)


def test_rel_01_partner_is_empty_and_its_users_are_refused_at_their_next_request(world: World) -> None:
    pia = Script(world.pia, by=world.olga)
    path = f"/customers/{world.contoso.pk}"
    assert pia.get(path).status_code == 200
    job = release(world, world.contoso)
    world.contoso.refresh_from_db()
    assert (job.changed, world.contoso.partner_id, world.contoso.partner_access) == (1, None, False)
    assert pia.get(path).status_code == 404, "To its former partner the customer does not exist."
    assert owners(world.contoso) == {None}
    names = Event.objects.filter(job_id=job.pk).values_list("name", "partner_id")
    assert sorted(names) == [
        ("ENTERPRISE_DISABLE_PROXY_ACCESS", world.acme.pk),
        ("ENTERPRISE_RELEASED", world.acme.pk),
    ]


def test_rel_02_a_customer_in_a_pool_of_the_partner_needs_a_new_pool_first(world: World) -> None:
    moved_to(world.contoso, of_its_own(world))
    job = release(world, world.contoso)
    assert (job.changed, job.refusals.get().code) == (0, "pool_of_partner")
    assert release(world, world.contoso, gateway_pool=world.pool.pk).changed == 1
    world.contoso.refresh_from_db()
    assert world.contoso.gateway_pool_id == world.pool.pk


def test_rel_03_that_only_the_customer_can_enter_is_said_before(world: World) -> None:
    closed = world.customer("Closed", partner=world.acme, operator_access=False)
    shown = preview(world.actor(world.olga), ACTION, select={"ids": [closed.pk]}, raw={}, now=NOW)
    assert any("nobody but the customer can enter" in sentence for sentence in shown.consequences)
    shown = preview(world.actor(world.olga), ACTION, select={"ids": [world.contoso.pk]}, raw={}, now=NOW)
    assert not any("nobody but" in sentence for sentence in shown.consequences)


def test_rel_04_a_direct_customer_is_left_alone(world: World) -> None:
    direct = world.customer("Direct")
    before = Customer.objects.filter(pk=direct.pk).values().get()
    job = release(world, direct)
    assert (job.changed, job.refusals.get().reason) == (0, "Has no partner.")
    assert Customer.objects.filter(pk=direct.pk).values().get() == before


def test_rel_05_edges_keep_running_where_the_pool_stays(world: World) -> None:
    world.edges(world.contoso, 2)
    before = list(Edge.objects.order_by("pk").values("pk", "state", "activation_state"))
    release(world, world.contoso)
    world.contoso.refresh_from_db()
    assert world.contoso.gateway_pool_id == world.pool.pk
    assert list(Edge.objects.order_by("pk").values("pk", "state", "activation_state")) == before


def test_a_partner_user_cannot_release(world: World) -> None:
    body = {"select": {"ids": [world.contoso.pk]}, "params": {}}
    assert Script(world.pia, by=world.olga).post("/actions/release-from-partner", body).status_code == 403
    assert customers_for(world.actor(world.pia)).filter(pk=world.contoso.pk).exists()
