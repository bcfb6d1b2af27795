"""Assign Operator Profile (domain 10.4, 20.10)."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    CustomerProfile,
    Event,
    Job,
    OperatorProfile,
    PartnerProfile,
    SoftwareImage,
    User,
)
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

ACTION = MENU["assign-operator-profile"]


def example(world: World) -> dict[str, Any]:
    early, _made = OperatorProfile.objects.get_or_create(
        name="6.4 early", name_key="6.4 early", defaults={"image": world.profile.image}
    )
    PartnerProfile.objects.get_or_create(partner=world.acme, operator_profile=early)
    return {"operator_profile": early.pk}


def rows(world: World, number: int, **values: Any) -> list[Customer]:
    return world.customers(number, **{"edge_image_management": True, **values})


def assign(world: World, given: OperatorProfile, *customers: Customer, user: User | None = None, **more: Any) -> Job:
    select, raw = {"ids": [customer.pk for customer in customers]}, {"operator_profile": given.pk, **more}
    return submit(world.actor(user or world.olga, "api"), ACTION, select=select, raw=raw, now=NOW)


def test_opr_01_all_three_list_it_and_their_defaults_are_unchanged(world: World) -> None:
    three, early = rows(world, 3, partner=world.acme), profile(world)
    PartnerProfile.objects.create(partner=world.acme, operator_profile=early)
    job = assign(world, early, *three)
    assert job.changed == 3
    found = CustomerProfile.objects.filter(operator_profile=early).values_list("customer_id", "partner_id")
    assert set(found) == {(customer.pk, world.acme.pk) for customer in three}
    for customer in three:
        customer.refresh_from_db()
        assert (customer.operator_profile_id, customer.version) == (world.profile.pk, 2)
    events = Event.objects.filter(job_id=job.pk).values_list("name", "partner_id", "before", "after")
    none, given = {"assigned_profile_id": None}, {"assigned_profile_id": early.pk}
    assert list(events) == [("OPERATOR_PROFILE_ASSIGNED", world.acme.pk, none, given)] * 3


def test_opr_02_without_edge_image_management_it_is_refused_and_the_others_are_done(world: World) -> None:
    off, on = world.customer("Off"), rows(world, 2)
    job = assign(world, profile(world), off, *on)
    refusal = job.refusals.get()
    assert (job.changed, refusal.customer_id, refusal.code) == (2, off.pk, "image_management_off")


def test_opr_03_a_profile_with_a_deprecated_image_is_not_offered(world: World) -> None:
    old = profile(world, "Old", image=SoftwareImage.objects.create(name="Edge", version="4.5.2", deprecated=True))
    browser, asked = signed_in(world.olga), {"id": world.contoso.pk}
    dialog = browser.post(f"/actions/{ACTION.slug}/dialog", asked).content.decode()
    assert ("5.2 stable" in dialog, "Old" in dialog) == (True, False)
    with pytest.raises(InvalidParams) as refused:
        assign(world, old, *rows(world, 1))
    assert "deprecated" in str(refused.value.errors["operator_profile"])


def test_opr_04_what_is_assigned_already_gives_zero_rows(world: World) -> None:
    (customer,), early = rows(world, 1), profile(world)
    assert assign(world, early, customer).changed == 1
    for given in (early, world.profile):
        again = assign(world, given, customer)
        assert (again.changed, again.refusals.get().code) == (0, "already_so")


def test_opr_07_a_partners_user_reads_software_image_and_gives_only_what_the_partner_has(world: World) -> None:
    own, early = rows(world, 1, partner=world.acme), profile(world)
    entry = {each["slug"]: each["label"] for each in Script(world.pia, by=world.olga).get("/actions").json()}
    assert entry[ACTION.slug] == "Assign Software Image"
    with pytest.raises(InvalidParams) as refused:
        assign(world, early, *own, user=world.pia)
    assert set(refused.value.errors) == {"operator_profile"}
    PartnerProfile.objects.create(partner=world.acme, operator_profile=early)
    assert assign(world, early, *own, user=world.pia).changed == 1


def test_a_customer_of_a_partner_that_lacks_the_profile_is_refused(world: World) -> None:
    job = assign(world, profile(world), *rows(world, 1, partner=world.acme))
    assert (job.changed, job.refusals.get().code) == (0, "profile_lacking")


def test_a_profile_of_the_other_kind_needs_a_word(world: World) -> None:
    (customer,), old = rows(world, 1), profile(world, "Networks", kind="NETWORK_BASED")
    assert assign(world, old, customer).refusals.get().code == "other_kind"
    assert assign(world, old, customer, other_kind=True).changed == 1


def test_with_a_transfer_the_partner_gets_what_the_customer_may_choose(world: World) -> None:
    (customer,), early = rows(world, 1), profile(world)
    may_choose(customer, early)
    transfer, select = MENU["transfer-to-partner"], {"ids": [customer.pk]}
    olga, raw = world.actor(world.olga, "api"), {"partner": world.acme.pk}
    shown = preview(olga, transfer, select=select, raw=raw, now=NOW)
    assert [reason.code for reason in shown.reasons] == ["profile_lacking"]
    shown = preview(olga, transfer, select=select, raw={**raw, "add_profiles": True}, now=NOW)
    assert "Acme Partners may pass on more operator profiles: 6.4 early (1)." in shown.consequences
    assert shown.plan is not None
    assert "Acme Partners may pass on its operator profile 6.4 early too." in shown.plan.lines[0].notes
    assert submit(olga, transfer, select=select, raw={**raw, "add_profiles": True}, now=NOW).changed == 1
    assert PartnerProfile.objects.filter(partner=world.acme, operator_profile=early).exists()
    assert CustomerProfile.objects.get().partner_id == world.acme.pk
    told = Event.objects.get(name="UPDATE_ENTERPRISE_PROXY")
    assert (told.partner_id, told.customer_id, told.after) == (
        world.acme.pk,
        None,
        {"operator_profiles": ["6.4 early"]},
    )
