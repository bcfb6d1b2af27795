"""A partner's new customers take its default pool and profile, and never what it may not give (domain 8.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import upload
from bailiwick.engine.intake.stock import Stock
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    GatewayPool,
    Job,
    OperatorProfile,
    Partner,
    PartnerPool,
    PartnerProfile,
    SoftwareImage,
)
from tests.world import NOW, World

NEW, IMPORT = MENU["new-customer"], MENU["import-customers"]
ROW = {"name": "Fabrikam", "account_number": "F-1"}


@pytest.fixture
def nordic(world: World) -> GatewayPool:
    """Zenith's default pool; Acme has the installation's."""
    pool = GatewayPool.objects.create(name="Nordic", name_key="nordic")
    PartnerPool.objects.create(partner=world.zenith, gateway_pool=pool, is_default=True)
    return pool


@pytest.fixture
def special(world: World) -> OperatorProfile:
    profile = OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)
    PartnerProfile.objects.create(partner=world.zenith, operator_profile=profile, is_default=True)
    return profile


def create(user: Any, world: World, **raw: Any) -> Customer:
    submit(world.actor(user, "api"), NEW, raw={**ROW, **raw}, now=NOW)
    return Customer.objects.get(name="Fabrikam")


def bring_in(user: Any, world: World, content: str, **raw: Any) -> Job:
    actor = world.actor(user, "api")
    file = upload.store(actor, "f.csv", content.encode(), now=NOW).logical_id
    return submit(actor, IMPORT, raw={"file": str(file), **raw}, now=NOW)


def given(customer: Customer) -> tuple[str, str]:
    return customer.gateway_pool.name, customer.operator_profile.name


def test_by_its_own_staff(world: World, nordic: GatewayPool, special: OperatorProfile) -> None:
    assert given(create(world.stranger, world)) == ("Nordic", "Special")


def test_by_an_operator_who_chooses_the_partner(world: World, nordic: GatewayPool, special: OperatorProfile) -> None:
    assert given(create(world.olga, world, partner=world.zenith.pk)) == ("Nordic", "Special")


def test_without_a_partner_it_is_the_operators_default(
    world: World, nordic: GatewayPool, special: OperatorProfile
) -> None:
    GatewayPool.objects.create(name="Aaa", name_key="aaa", partner=world.zenith)
    assert given(create(world.olga, world)) == ("Default pool", "5.2 stable")


def test_by_an_import_each_row_its_partners(world: World, nordic: GatewayPool, special: OperatorProfile) -> None:
    bring_in(world.olga, world, "Customer,Account Number,Partner\nA,1,Zenith\nB,2,Acme Partners\nC,3,\n")
    found = {row.name: given(row) for row in Customer.objects.filter(name__in="ABC")}
    assert found == {
        "A": ("Nordic", "Special"),
        "B": ("Default pool", "5.2 stable"),
        "C": ("Default pool", "5.2 stable"),
    }


def test_the_preview_says_what_it_gets(world: World, nordic: GatewayPool, special: OperatorProfile) -> None:
    shown = preview(world.actor(world.olga), NEW, select=None, raw={**ROW, "partner": world.zenith.pk}, now=NOW)
    assert any("Nordic" in sentence and "Special" in sentence for sentence in shown.consequences)


def test_what_is_chosen_holds_against_the_default(world: World, nordic: GatewayPool) -> None:
    chosen = {"partner": world.zenith.pk, "gateway_pool": world.pool.pk}
    assert create(world.olga, world, **chosen).gateway_pool == world.pool


@pytest.mark.parametrize("field", ["gateway_pool", "operator_profile"])
def test_what_the_partner_lacks_is_refused(
    world: World, nordic: GatewayPool, special: OperatorProfile, field: str
) -> None:
    lacking = {"gateway_pool": nordic.pk, "operator_profile": special.pk}[field]
    with pytest.raises(InvalidParams) as refused:
        create(world.olga, world, partner=world.acme.pk, **{field: lacking})
    code = {"gateway_pool": "pool_lacking", "operator_profile": "profile_lacking"}[field]
    assert refused.value.errors[field][0]["code"] == code
    assert not Customer.objects.filter(name="Fabrikam").exists()


def test_a_partners_own_pool_is_for_its_customers_only(world: World) -> None:
    own = GatewayPool.objects.create(name="Zenith own", name_key="zenith own", partner=world.zenith)
    with pytest.raises(InvalidParams) as direct:
        create(world.olga, world, gateway_pool=own.pk)
    assert direct.value.errors["gateway_pool"][0]["code"] == "pool_of_partner"
    with pytest.raises(InvalidParams):
        create(world.olga, world, gateway_pool=own.pk, partner=world.acme.pk)
    assert create(world.olga, world, gateway_pool=own.pk, partner=world.zenith.pk).gateway_pool == own


def test_an_import_refuses_each_row_on_its_own(world: World, nordic: GatewayPool, special: OperatorProfile) -> None:
    content = (
        "Customer,Account Number,Partner,Gateway Pool,Operator Profile\n"
        "A,1,Zenith,Nordic,Special\nB,2,Acme Partners,Nordic,\nC,3,Acme Partners,,Special\n"
    )
    job = bring_in(world.olga, world, content, mode="skip")
    assert (job.changed, job.refused) == (1, 2)
    assert sorted(job.refusals.values_list("line", "code")) == [(3, "pool_lacking"), (4, "profile_lacking")]


def test_a_partner_with_nothing_to_give_gets_no_customer(world: World) -> None:
    Partner.objects.create(name="Bare", name_key="bare")
    with pytest.raises(InvalidParams) as refused:
        bring_in(world.olga, world, "Customer,Account Number,Partner\nA,1,Bare\n")
    assert [each["code"] for each in refused.value.errors["gateway_pool"]] == ["no_pool"]
    assert [each["code"] for each in refused.value.errors["operator_profile"]] == ["no_profile"]


def test_a_profile_with_a_deprecated_image_is_no_default(world: World, special: OperatorProfile) -> None:
    old = SoftwareImage.objects.create(name="Edge", version="9.0", deprecated=True)
    OperatorProfile.objects.filter(pk=special.pk).update(image=old)
    assert given(create(world.olga, world, partner=world.zenith.pk))[1] == "5.2 stable"


def test_any_number_of_partners_takes_three_questions(world: World, nordic: GatewayPool) -> None:
    ids = [world.partner(f"P{number}").pk for number in range(20)]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Stock([*ids, world.zenith.pk])
    assert len(asked) == 3
