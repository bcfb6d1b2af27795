"""Update Edge Image Management (domain 10.3, 20.11)."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, CustomerProfile, Edge, Event, Job, OperatorProfile, Partner, User
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

ACTION = MENU["update-edge-image-management"]


def example(world: World) -> dict[str, str]:
    return {"enabled": "true"}


def profile(world: World, name: str = "6.4 early", **values: Any) -> OperatorProfile:
    """Another one that the operator may give."""
    return OperatorProfile.objects.create(name=name, name_key=name, **{"image": world.profile.image, **values})


def may_choose(customer: Customer, *profiles: OperatorProfile) -> None:
    """Assigned besides the default."""
    CustomerProfile.objects.bulk_create(
        CustomerProfile(customer=customer, partner_id=customer.partner_id, operator_profile=each) for each in profiles
    )


def switch(world: World, *customers: Customer, to: str, user: User | None = None) -> Job:
    select = {"ids": [customer.pk for customer in customers]}
    return submit(world.actor(user or world.olga, "api"), ACTION, select=select, raw={"enabled": to}, now=NOW)


def test_eim_01_activated_each_has_exactly_its_present_default(world: World) -> None:
    two = world.customers(2)
    job = switch(world, *two, to="true")
    found = Customer.objects.filter(pk__in=[customer.pk for customer in two])
    assert job.changed == 2
    assert set(found.values_list("edge_image_management", "operator_profile_id")) == {(True, world.profile.pk)}
    assert not CustomerProfile.objects.exists()
    events = Event.objects.filter(job_id=job.pk).values_list("name", "before", "after")
    off, on = {"edge_image_management": False}, {"edge_image_management": True}
    assert list(events) == [("EDGE_IMAGE_MANAGEMENT_UPDATED", off, on)] * 2


def test_eim_03_an_edge_with_other_software_holds_it_and_is_named(world: World) -> None:
    held, free = world.customers(2, edge_image_management=True)
    early = profile(world)
    for customer in (held, free):
        may_choose(customer, early)
    edge = world.edges(held)[0]
    Edge.objects.filter(pk=edge.pk).update(operator_profile=early)
    Edge.objects.filter(pk=world.edges(free)[0].pk).update(operator_profile=world.profile)
    job = switch(world, held, free, to="false")
    refusal = job.refusals.get()
    assert (job.changed, refusal.customer_id, refusal.code) == (1, held.pk, "profile_in_use")
    assert edge.name in refusal.named
    assert edge.name not in refusal.reason
    held.refresh_from_db()
    free.refresh_from_db()
    assert (held.edge_image_management, free.edge_image_management) == (True, False)
    assert list(CustomerProfile.objects.values_list("customer_id", flat=True)) == [held.pk], "It falls away unused."
    dropped = Event.objects.get(job_id=job.pk, name="OPERATOR_PROFILE_DROPPED")
    assert (dropped.customer_id, dropped.before) == (free.pk, {"assigned_profile_id": early.pk})


def test_eim_03_of_many_edges_the_first_ten_are_named(world: World) -> None:
    held = world.customer("Held", edge_image_management=True)
    early = profile(world)
    may_choose(held, early)
    edges = world.edges(held, 12)
    Edge.objects.filter(pk__in=[edge.pk for edge in edges]).update(operator_profile=early)
    reason = switch(world, held, to="false").refusals.get().named
    named = [edge.name for edge in edges if f"{edge.name}," in reason or f"{edge.name} …" in reason]
    assert (len(named), "…" in reason) == (10, True)


def test_eim_04_of_a_mix_only_those_that_were_off_count(world: World) -> None:
    on, off = world.customers(2, edge_image_management=True), world.customers(3)
    job = switch(world, *on, *off, to="true")
    assert (job.changed, job.refused) == (3, 2)
    assert set(job.refusals.values_list("code", flat=True)) == {"already_so"}
    again = switch(world, *on, *off, to="true")
    assert again.changed == 0


def test_eim_06_a_partner_without_it_cannot_activate_it(world: World) -> None:
    own = world.customers(2, partner=world.acme)
    job = switch(world, *own, to="true", user=world.pia)
    assert (job.changed, set(job.refusals.values_list("code", flat=True))) == (0, {"partner_lacks_it"})
    Partner.objects.filter(pk=world.acme.pk).update(edge_image_management=True)
    assert switch(world, *own, to="true", user=world.pia).changed == 2
    Partner.objects.filter(pk=world.acme.pk).update(edge_image_management=False)
    assert switch(world, *own, to="false", user=world.pia).changed == 2, "Taking it back needs nobody's leave."


def test_a_preview_says_what_customers_may_do_afterwards(world: World) -> None:
    select = {"ids": [world.contoso.pk]}
    shown = preview(world.actor(world.olga), ACTION, select=select, raw={"enabled": "false"}, now=NOW)
    assert (shown.changing, shown.already) == (0, 1)
    shown = preview(world.actor(world.olga), ACTION, select=select, raw={"enabled": "true"}, now=NOW)
    assert shown.changing == 1
    assert "present default" in shown.consequences[0]


@pytest.mark.parametrize("side", ["operator", "partner"])
def test_what_a_refusal_named_is_told_no_more_when_access_is_withdrawn(world: World, side: str) -> None:
    early, user = profile(world), world.olga if side == "operator" else world.pia
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    may_choose(world.contoso, early)
    edge = world.edges(world.contoso)[0]
    Edge.objects.filter(pk=edge.pk).update(operator_profile=early)
    script = Script(user, by=world.olga)
    select = {"ids": [world.contoso.pk]}
    body = {"select": select, "params": {"enabled": "false"}}
    shown = script.post(f"/actions/{ACTION.slug}/preview", body).json()
    assert edge.name in shown["reasons"][0]["reason"], "A page must name it before anything is done."
    job = script.post(f"/actions/{ACTION.slug}", body).json()["id"]
    rows = f"/jobs/{job}/outcomes?outcome=refused"
    assert edge.name in script.get(rows).content.decode()
    Customer.objects.filter(pk=world.contoso.pk).update(**{f"{side}_access": False})
    said = script.get(rows).content.decode() + script.get(f"/jobs/{job}").content.decode()
    number = Job.objects.latest("pk").pk
    file = b"".join(signed_in(user).get(f"/jobs/{number}/refused.csv").streaming_content).decode()
    assert edge.name not in said + file
    assert "give them the default first" in said + file
