"""Update Pre-Notifications (domain 11.2, 20.12)."""

from __future__ import annotations

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Event
from tests.world import NOW, World

ACTION = MENU["update-pre-notifications"]


def example(world: World) -> dict[str, str]:
    return {"enabled": "false"}


def test_it_leaves_the_stream_to_the_customer_alone(world: World) -> None:
    select = {"ids": [world.contoso.pk]}
    job = submit(world.actor(world.olga), ACTION, select=select, raw=example(world), now=NOW)
    world.contoso.refresh_from_db()
    assert (job.changed, world.contoso.operator_alerts_enabled, world.contoso.alerts_enabled) == (1, False, True)
    assert Event.objects.get(job_id=job.pk).name == "OPERATOR_ALERTS_UPDATED"


def test_it_refuses_customers_that_are_so_already(world: World) -> None:
    on = world.customer("On")
    job = submit(world.actor(world.olga), ACTION, select={"ids": [on.pk]}, raw={"enabled": "true"}, now=NOW)
    assert (job.changed, job.refused) == (0, 1)
    assert job.refusals.get().code == "already_so"
