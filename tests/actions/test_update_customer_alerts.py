"""Update Customer Alerts (domain 11.2, 20.13)."""

from __future__ import annotations

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Edge, Event
from tests.world import NOW, World

ACTION = MENU["update-customer-alerts"]


def example(world: World) -> dict[str, str]:
    return {"enabled": "false"}


def test_it_leaves_the_stream_to_operators_and_the_edges_alone(world: World) -> None:
    edge = world.edges(world.contoso)[0]
    select = {"ids": [world.contoso.pk]}
    job = submit(world.actor(world.olga), ACTION, select=select, raw=example(world), now=NOW)
    world.contoso.refresh_from_db()
    edge.refresh_from_db()
    assert (job.changed, world.contoso.alerts_enabled, world.contoso.operator_alerts_enabled) == (1, False, True)
    assert edge.alerts_enabled
    event = Event.objects.get(job_id=job.pk)
    assert (event.name, event.before, event.after) == (
        "CUSTOMER_ALERTS_UPDATED",
        {"alerts_enabled": True},
        {"alerts_enabled": False},
    )


def test_it_refuses_customers_that_are_so_already_without_calling_it_a_failure(world: World) -> None:
    off = world.customer("Off", alerts_enabled=False)
    job = submit(world.actor(world.olga), ACTION, select={"ids": [off.pk]}, raw=example(world), now=NOW)
    assert (job.changed, job.refused, job.state) == (0, 1, "done")
    assert job.refusals.get().reason == "Customer alerts are off already."


def test_cal_01_deactivated_for_three_customers_their_pre_notifications_go_on(world: World) -> None:
    three = world.customers(3)
    select = {"ids": [customer.pk for customer in three]}
    job = submit(world.actor(world.olga), ACTION, select=select, raw={"enabled": "false"}, now=NOW)
    flags = Customer.objects.filter(pk__in=select["ids"]).values_list("alerts_enabled", "operator_alerts_enabled")
    assert (job.changed, set(flags)) == (3, {(False, True)})


def test_cal_02_switched_off_and_on_the_flags_of_edges_are_as_before(world: World) -> None:
    quiet, loud = world.edges(world.contoso, 2)
    Edge.objects.filter(pk=quiet.pk).update(alerts_enabled=False)
    for enabled in ("false", "true"):
        submit(world.actor(world.olga), ACTION, select={"ids": [world.contoso.pk]}, raw={"enabled": enabled}, now=NOW)
    assert dict(Edge.objects.values_list("pk", "alerts_enabled")) == {quiet.pk: False, loud.pk: True}
