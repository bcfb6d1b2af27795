"""Two-sided transfer: offered, then accepted by the partner; until then nothing changes (domain 8.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bailiwick.access.actor import NotAllowed
from bailiwick.access.scope import customers_for, offered_customers_for, offers_for
from bailiwick.actions import MENU
from bailiwick.engine import offers
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    CustomerDetail,
    Event,
    GatewayPool,
    Job,
    OfferState,
    OperatorProfile,
    Partner,
    PartnerPool,
    SystemProperty,
    TransferOffer,
    User,
)
from tests.world import NOW, World

ACCEPT, DECLINE, TRANSFER = MENU["accept-transfer"], MENU["decline-transfer"], MENU["transfer-to-partner"]


def user(world: World) -> User:
    return world.pia


def example(world: World) -> dict[str, Any]:
    return {}


def rows(world: World, number: int, *, partner: Partner | None = None, **values: Any) -> list[Customer]:
    """Customers of nobody that are offered to the partner."""
    made = world.customers(number, **values)
    if made:
        offer(world, *made, to=partner or world.acme)
    return made


def needed() -> None:
    SystemProperty.objects.update_or_create(name="session.options.partnerAcceptsTransfers", defaults={"value": True})


def offer(world: World, *customers: Customer, to: Partner, **params: Any) -> Job:
    needed()
    select = {"ids": [customer.pk for customer in customers]}
    return submit(world.actor(world.olga, "api"), TRANSFER, select=select, raw={"partner": to.pk, **params}, now=now())


def now() -> Any:
    """The deadline is compared with the clock of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def answer(world: World, action: Any, *customers: Customer, by: User | None = None) -> Job:
    select = {"ids": [customer.pk for customer in customers]}
    return submit(world.actor(by or world.pia, "api"), action, select=select, raw={}, now=NOW)


def state_of(customer: Customer) -> str:
    return TransferOffer.objects.filter(customer=customer).latest("pk").state


def told(customer: Customer) -> list[str]:
    return sorted(Event.objects.filter(customer_id=customer.pk).values_list("name", flat=True))


@pytest.fixture
def fabrikam(world: World) -> Customer:
    return world.customer("Fabrikam")


def test_an_offer_changes_nothing_and_is_told(world: World, fabrikam: Customer) -> None:
    before = Customer.objects.filter(pk=fabrikam.pk).values().get()
    job = offer(world, fabrikam, to=world.acme)
    assert (job.changed, job.refused, job.title) == (1, 0, "Offer to Acme Partners")
    assert Customer.objects.filter(pk=fabrikam.pk).values().get() == before
    assert not customers_for(world.actor(world.pia)).filter(pk=fabrikam.pk).exists()
    event = Event.objects.get(customer_id=fabrikam.pk)
    assert (event.name, event.partner_id, event.job_id) == ("ENTERPRISE_TRANSFER_OFFERED", world.acme.pk, job.pk)
    made = TransferOffer.objects.get()
    assert (made.offered_by, made.deadline - made.created_at) == (world.olga.email, timedelta(days=7))


def test_the_preview_says_that_the_partner_is_asked_first(world: World, fabrikam: Customer) -> None:
    needed()
    raw = {"partner": world.acme.pk}
    shown = preview(world.actor(world.olga), TRANSFER, select={"ids": [fabrikam.pk]}, raw=raw, now=NOW)
    assert (
        "Acme Partners is asked first and has 7 days. Until it accepts, nothing of this changes." in shown.consequences
    )
    assert shown.button == "Offer 1 customer"


def test_only_the_partner_to_whom_it_is_made_sees_an_offer(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme)
    assert [row.customer_id for row in offers_for(world.actor(world.pia))] == [fabrikam.pk]
    for other in (world.stranger, world.carla):
        assert not offers_for(world.actor(other)).exists()
        assert not offered_customers_for(world.actor(other)).exists()
    with pytest.raises(InvalidParams):
        answer(world, ACCEPT, fabrikam, by=world.stranger)


@pytest.mark.parametrize("name", ["olga", "carla"])
def test_nobody_else_accepts(world: World, fabrikam: Customer, name: str) -> None:
    offer(world, fabrikam, to=world.acme)
    with pytest.raises(NotAllowed):
        answer(world, ACCEPT, fabrikam, by=getattr(world, name))


def test_a_partners_standard_admin_does_not_accept(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme)
    standard = world.user("s@acme.example", "partner", "partner-standard", partner=world.acme)
    with pytest.raises(NotAllowed):
        answer(world, ACCEPT, fabrikam, by=standard)


def test_an_accepted_customer_is_the_partners_on_the_terms_of_the_offer(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme, operator_access="false", partner_access=True)
    job = answer(world, ACCEPT, fabrikam)
    fabrikam.refresh_from_db()
    assert (job.changed, fabrikam.partner, fabrikam.partner_access, fabrikam.operator_access) == (
        1,
        world.acme,
        True,
        False,
    )
    assert CustomerDetail.objects.get(customer=fabrikam).partner_id == world.acme.pk
    assert state_of(fabrikam) == OfferState.ACCEPTED
    assert told(fabrikam) == [
        "ENTERPRISE_DISABLE_OPERATOR_ACCESS",
        "ENTERPRISE_ENABLE_PROXY_ACCESS",
        "ENTERPRISE_TRANSFERRED",
        "ENTERPRISE_TRANSFER_ACCEPTED",
        "ENTERPRISE_TRANSFER_OFFERED",
    ]
    assert Event.objects.get(name="ENTERPRISE_TRANSFERRED").actor_name == world.pia.email


def test_the_old_partner_reads_nothing_of_who_accepted(world: World) -> None:
    customer = world.customer("Fabrikam", partner=world.zenith)
    offer(world, customer, to=world.acme, from_partner=True)
    assert answer(world, ACCEPT, customer).changed == 1
    lost = Event.objects.filter(partner_id=world.zenith.pk, customer_id=customer.pk)
    assert {(event.name, event.actor_name, event.actor_id, event.job_id) for event in lost} == {
        ("ENTERPRISE_RELEASED", "the operator", None, None),
        ("ENTERPRISE_DISABLE_PROXY_ACCESS", "the operator", None, None),
    }
    won = Event.objects.get(name="ENTERPRISE_TRANSFERRED", customer_id=customer.pk)
    assert (won.partner_id, won.actor_name, won.before["partner_id"]) == (world.acme.pk, world.pia.email, None)


def test_the_preview_of_an_acceptance_names_what_each_customer_gets_and_nothing_of_its_old_owner(world: World) -> None:
    nordic = GatewayPool.objects.create(name="Nordic", name_key="nordic")
    plain, moved = world.customer("Plain", partner=world.zenith), world.customer("Moved")
    Customer.objects.filter(pk=moved.pk).update(gateway_pool=nordic)
    offer(world, plain, to=world.acme, from_partner=True, operator_access="false")
    offer(world, moved, to=world.acme, missing_pool="move", gateway_pool=world.pool.pk, partner_access=False)
    select = {"ids": [plain.pk, moved.pk]}
    shown = preview(world.actor(world.pia), ACCEPT, select=select, raw={}, now=now())
    assert [(row["customer"], row["after"]) for row in shown.sample] == [
        ("Plain", {"partner_id": world.acme.pk, "partner_access": True, "operator_access": False}),
        ("Moved", {"partner_id": world.acme.pk, "partner_access": False, "gateway_pool_id": world.pool.pk}),
    ]
    assert {value for row in shown.sample for value in row["before"].values()} == {None}


def test_an_offer_does_not_give_back_what_was_withdrawn_since(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme, operator_access="true")
    Customer.objects.filter(pk=fabrikam.pk).update(operator_access=False)
    job = answer(world, ACCEPT, fabrikam)
    fabrikam.refresh_from_db()
    assert (job.changed, job.refusals.get().code, fabrikam.operator_access) == (0, "access_withdrawn", False)


def test_offers_on_different_terms_are_accepted_together(world: World) -> None:
    nordic = GatewayPool.objects.create(name="Nordic", name_key="nordic")
    special = OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)
    shared, moved, plain = world.customers(3)
    Customer.objects.filter(pk__in=[shared.pk, moved.pk]).update(gateway_pool=nordic)
    Customer.objects.filter(pk=moved.pk).update(operator_profile=special)
    move = {"missing_pool": "move", "gateway_pool": world.pool.pk, "add_profiles": True, "partner_access": False}
    offer(world, moved, to=world.acme, **move)
    offer(world, shared, to=world.acme, missing_pool="share")
    offer(world, plain, to=world.acme)
    assert answer(world, ACCEPT, shared, moved, plain).changed == 3
    found = {row.pk: (row.gateway_pool.name, row.partner_access) for row in Customer.objects.filter(partner=world.acme)}
    assert found[shared.pk] == ("Nordic", True)
    assert found[moved.pk] == ("Default pool", False)
    assert PartnerPool.objects.filter(partner=world.acme, gateway_pool=nordic).exists()


def test_what_changed_since_the_offer_is_judged_again(world: World) -> None:
    nordic = GatewayPool.objects.create(name="Nordic", name_key="nordic")
    special = OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)
    staged, elsewhere, pooled, profiled, good = world.customers(5)
    offer(world, staged, elsewhere, pooled, profiled, good, to=world.acme)
    Customer.objects.filter(pk=staged.pk).update(bastion_state="STAGED")
    Customer.objects.filter(pk=elsewhere.pk).update(partner=world.zenith)
    Customer.objects.filter(pk=pooled.pk).update(gateway_pool=nordic)
    Customer.objects.filter(pk=profiled.pk).update(operator_profile=special)
    job = answer(world, ACCEPT, staged, elsewhere, pooled, profiled, good)
    assert (job.changed, job.refused) == (1, 4)
    assert sorted(job.refusals.values_list("code", flat=True)) == [
        "has_partner",
        "is_staged",
        "pool_lacking",
        "profile_lacking",
    ]
    assert state_of(staged) == OfferState.OFFERED


def test_a_declined_offer_changes_nothing_and_can_be_made_again(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme)
    before = Customer.objects.filter(pk=fabrikam.pk).values().get()
    assert answer(world, DECLINE, fabrikam).changed == 1
    assert Customer.objects.filter(pk=fabrikam.pk).values().get() == before
    assert (state_of(fabrikam), told(fabrikam)) == (
        OfferState.DECLINED,
        ["ENTERPRISE_TRANSFER_DECLINED", "ENTERPRISE_TRANSFER_OFFERED"],
    )
    assert TransferOffer.objects.get().decided_by == world.pia.email
    with pytest.raises(InvalidParams):
        answer(world, ACCEPT, fabrikam)
    assert offer(world, fabrikam, to=world.acme).changed == 1


def test_an_offer_that_waits_is_not_made_twice(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme)
    again, other = offer(world, fabrikam, to=world.acme), offer(world, fabrikam, to=world.zenith)
    assert (again.changed, again.refusals.get().code) == (0, "already_offered")
    assert (other.changed, other.refusals.get().code) == (0, "offered_elsewhere")


def test_after_the_deadline_an_offer_is_void_and_told(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme)
    TransferOffer.objects.update(deadline=now() - timedelta(seconds=1))
    assert not offered_customers_for(world.actor(world.pia)).exists()
    with pytest.raises(InvalidParams):
        answer(world, ACCEPT, fabrikam)
    assert offers.expire(now()) == 1
    assert (state_of(fabrikam), told(fabrikam)) == (
        OfferState.EXPIRED,
        ["ENTERPRISE_TRANSFER_EXPIRED", "ENTERPRISE_TRANSFER_OFFERED"],
    )
    assert offers.expire(now()) == 0
    assert offers.expire(now() + timedelta(days=91)) == 1
    assert not TransferOffer.objects.exists()


def test_a_transfer_at_once_overtakes_an_offer(world: World, fabrikam: Customer) -> None:
    offer(world, fabrikam, to=world.acme)
    SystemProperty.objects.all().delete()
    select, raw = {"ids": [fabrikam.pk]}, {"partner": world.zenith.pk}
    assert submit(world.actor(world.olga, "api"), TRANSFER, select=select, raw=raw, now=NOW).changed == 1
    assert state_of(fabrikam) == OfferState.WITHDRAWN


def test_everything_that_is_offered_is_accepted_at_once(world: World) -> None:
    rows(world, 3)
    job = submit(world.actor(world.pia, "api"), ACCEPT, select={"matching": {}}, raw={}, now=NOW)
    assert job.changed == 3
