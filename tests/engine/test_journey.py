"""One action from selection to events: what every door relies on."""

from __future__ import annotations

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.again import undo
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, Job, JobRefusal, JobState, Selection
from tests.world import NOW, World

ALERTS = MENU["update-customer-alerts"]
OFF = {"enabled": "false"}


def ids(customers: list[Customer]) -> dict[str, list[int]]:
    return {"ids": [customer.pk for customer in customers]}


def test_a_preview_counts_what_will_change_and_what_is_refused(world: World) -> None:
    customers = world.customers(3) + world.customers(2, alerts_enabled=False)
    shown = preview(world.actor(world.olga), ALERTS, select=ids(customers), raw=OFF, now=NOW)
    assert (shown.total, shown.changing, shown.refused) == (5, 3, 2)
    assert [(reason.code, reason.count, reason.harmless) for reason in shown.reasons] == [("already_so", 2, True)]
    assert shown.sample[0]["before"] == {"alerts_enabled": True}


def test_a_small_job_is_done_at_once_with_an_event_for_each_changed_row(world: World) -> None:
    customers = world.customers(3) + world.customers(2, alerts_enabled=False)
    job = submit(world.actor(world.olga), ALERTS, select=ids(customers), raw=OFF, now=NOW)
    assert (job.state, job.changed, job.refused, job.pending) == (JobState.DONE, 3, 2, 0)
    assert Event.objects.filter(job_id=job.pk).count() == 3
    event = Event.objects.filter(job_id=job.pk).first()
    assert (event.before, event.after, event.actor_name) == (
        {"alerts_enabled": True},
        {"alerts_enabled": False},
        world.olga.email,
    )
    assert JobRefusal.objects.filter(job=job).count() == 2


def test_a_job_of_many_chunks_leaves_no_row_out(world: World) -> None:
    world.customers(2_345)
    job = submit(world.actor(world.olga), ALERTS, select={"matching": {}}, raw=OFF, now=NOW)
    assert job.state == JobState.QUEUED
    from bailiwick.engine.run import run

    run(job, ALERTS)
    job.refresh_from_db()
    assert (job.state, job.changed) == (JobState.DONE, 2_346)
    assert not Customer.objects.filter(alerts_enabled=True).exists()


def test_a_strangers_rows_neither_count_nor_change(world: World) -> None:
    foreign = world.customer("Foreign", partner=world.zenith)
    own = world.customer("Own", partner=world.acme)
    for stranger in (foreign.pk, 99_999_999, world.customer("Gone", partner=world.acme, deleted_at=NOW).pk):
        with pytest.raises(InvalidParams) as refused:
            submit(world.actor(world.pia), ALERTS, select={"ids": [stranger, own.pk]}, raw=OFF, now=NOW)
        (error,) = refused.value.errors["select"]
        assert error == {"code": "select_missing", "message": f"There is no customer with the id {stranger}."}
    assert not Job.objects.exists()
    assert not Selection.objects.exists()
    assert Customer.objects.filter(pk__in=(foreign.pk, own.pk), alerts_enabled=True).count() == 2


def test_a_role_without_the_permission_is_refused(world: World) -> None:
    with pytest.raises(NotAllowed):
        submit(world.actor(world.sam), ALERTS, select=ids([world.contoso]), raw=OFF, now=NOW)


def test_undo_puts_back_what_nobody_changed_since(world: World) -> None:
    first, second, third = world.customers(3)
    olga = world.actor(world.olga)
    job = submit(olga, ALERTS, select=ids([first, second, third]), raw=OFF, now=NOW)
    submit(olga, ALERTS, select=ids([second]), raw={"enabled": "true"}, now=NOW)
    undone = undo(olga, job, MENU, now=NOW)
    assert (undone.changed, undone.refused) == (2, 1)
    assert JobRefusal.objects.get(job=undone).code == "changed_since"
    assert Customer.objects.filter(alerts_enabled=False).count() == 0
    with pytest.raises(InvalidParams, match="undone before"):
        undo(olga, job, MENU, now=NOW)


def test_the_same_key_gives_the_same_job(world: World) -> None:
    olga = world.actor(world.olga)
    one = submit(olga, ALERTS, select=ids([world.contoso]), raw=OFF, now=NOW, key="k")
    two = submit(olga, ALERTS, select=ids([world.contoso]), raw=OFF, now=NOW, key="k")
    assert one.pk == two.pk
    with pytest.raises(InvalidParams, match="another request"):
        submit(olga, ALERTS, select=ids([world.contoso]), raw={"enabled": "true"}, now=NOW, key="k")


def test_delete_refuses_customers_with_edges_and_undo_restores_the_rest(world: World) -> None:
    empty, held = world.customers(2)
    world.edges(held)
    olga = world.actor(world.olga, door="api")
    job = submit(olga, MENU["delete-customer"], select=ids([empty, held]), raw={}, now=NOW)
    assert (job.changed, job.refused) == (1, 1)
    assert Customer.objects.get(pk=empty.pk).deleted_at is not None
    undone = undo(olga, job, MENU, now=NOW)
    assert undone.changed == 1
    assert Customer.objects.get(pk=empty.pk).deleted_at is None
