"""Update Pre-Notifications (domain 11.2, 20.12)."""

from __future__ import annotations

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Event, SystemProperty
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


def test_pre_02_deactivated_the_stream_to_the_customer_is_unaffected(world: World) -> None:
    submit(world.actor(world.olga), ACTION, select={"ids": [world.contoso.pk]}, raw=example(world), now=NOW)
    world.contoso.refresh_from_db()
    assert (world.contoso.operator_alerts_enabled, world.contoso.alerts_enabled) == (False, True)


def test_pre_06_without_a_receiver_the_preview_says_that_nothing_is_sent(world: World) -> None:
    world.contoso.__class__.objects.filter(pk=world.contoso.pk).update(operator_alerts_enabled=False)
    select = {"ids": [world.contoso.pk]}
    shown = preview(world.actor(world.olga), ACTION, select=select, raw={"enabled": "true"}, now=NOW)
    assert "vco.alert.mail.to is empty" in shown.consequences[0]
    SystemProperty.objects.create(name="vco.alert.mail.to", value="noc@operator.example")
    shown = preview(world.actor(world.olga), ACTION, select=select, raw={"enabled": "true"}, now=NOW)
    assert not shown.consequences


def test_pre_07_for_a_partner_the_action_is_absent(world: World) -> None:
    assert ACTION not in list(MENU.of(world.actor(world.pia)))
    with pytest.raises(NotAllowed):
        submit(world.actor(world.pia), ACTION, select={"ids": [world.contoso.pk]}, raw=example(world), now=NOW)
