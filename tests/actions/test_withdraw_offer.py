"""Withdraw Offer: what is offered to a partner can be taken back, and goes with every other end of its ground."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, Job, OfferState, Partner, User
from tests.actions.test_accept_transfer import ACCEPT, answer, offer, state_of, told
from tests.actions.test_accept_transfer import rows as offered
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

WITHDRAW = MENU["withdraw-offer"]


def example(world: World) -> dict[str, Any]:
    return {}


def rows(world: World, number: int, *, partner: Partner | None = None, **values: Any) -> list[Customer]:
    """Customers of this owner that are offered to somebody else."""
    if partner is None:
        return offered(world, number, **values)
    made = world.customers(number, partner=partner, **values)
    if made:
        offer(world, *made, to=world.acme if partner == world.zenith else world.zenith, from_partner=True)
    return made


def do(world: World, slug: str, *customers: Customer, by: User | None = None, **more: Any) -> Job:
    select = {"ids": [customer.pk for customer in customers]}
    return submit(world.actor(by or world.olga, "api"), MENU[slug], select=select, raw={}, now=NOW, **more)


@pytest.fixture
def fabrikam(world: World) -> Customer:
    """A customer of Zenith that is offered to Acme."""
    customer = world.customer("Fabrikam", partner=world.zenith)
    offer(world, customer, to=world.acme, from_partner=True)
    return customer


def test_an_offer_that_is_withdrawn_changes_nothing_and_can_no_longer_be_accepted(
    world: World, fabrikam: Customer
) -> None:
    before = Customer.objects.filter(pk=fabrikam.pk).values().get()
    assert do(world, "withdraw-offer", fabrikam).changed == 1
    assert state_of(fabrikam) == OfferState.WITHDRAWN
    assert Customer.objects.filter(pk=fabrikam.pk).values().get() == before
    event = Event.objects.get(name="ENTERPRISE_TRANSFER_WITHDRAWN")
    assert (event.partner_id, event.actor_name) == (world.acme.pk, world.olga.email)
    with pytest.raises(InvalidParams):
        answer(world, ACCEPT, fabrikam)
    assert offer(world, fabrikam, to=world.acme, from_partner=True).changed == 1


@pytest.mark.parametrize("name", ["pia", "stranger", "carla", "sam"])
def test_nobody_else_withdraws(world: World, fabrikam: Customer, name: str) -> None:
    with pytest.raises(NotAllowed):
        do(world, "withdraw-offer", fabrikam, by=getattr(world, name))


def test_release_takes_the_offer_back_and_the_partner_does_not_get_the_customer(
    world: World, fabrikam: Customer
) -> None:
    assert do(world, "release-from-partner", fabrikam).changed == 1
    with pytest.raises(InvalidParams):
        answer(world, ACCEPT, fabrikam)
    fabrikam.refresh_from_db()
    assert (fabrikam.partner, state_of(fabrikam)) == (None, OfferState.WITHDRAWN)
    assert "ENTERPRISE_TRANSFER_WITHDRAWN" in told(fabrikam)


def test_delete_takes_the_offer_back_and_restore_does_not_bring_it_again(world: World, fabrikam: Customer) -> None:
    assert do(world, "delete-customer", fabrikam, confirm=1).changed == 1
    assert state_of(fabrikam) == OfferState.WITHDRAWN
    assert do(world, "restore-customer", fabrikam).changed == 1
    with pytest.raises(InvalidParams):
        answer(world, ACCEPT, fabrikam)


def test_an_accepted_offer_is_not_told_as_withdrawn(world: World, fabrikam: Customer) -> None:
    assert answer(world, ACCEPT, fabrikam).changed == 1
    assert state_of(fabrikam) == OfferState.ACCEPTED
    assert "ENTERPRISE_TRANSFER_WITHDRAWN" not in told(fabrikam)


def test_the_page_of_offers_lets_an_operator_tick_and_withdraw(world: World, fabrikam: Customer) -> None:
    shown = signed_in(world.olga).get("/offers").content.decode()
    assert "Withdraw the selected" in shown
    assert f'value="{fabrikam.pk}"' in shown
    assert "Accept" not in shown.partition("<main")[2]
    assert "Withdraw the selected" not in signed_in(world.pia).get("/offers").content.decode()
    assert "Withdraw the selected" not in signed_in(world.sam).get("/offers").content.decode()


def test_a_script_withdraws(world: World, fabrikam: Customer) -> None:
    body = {"select": {"ids": [fabrikam.pk]}}
    assert Script(world.olga).post("/actions/withdraw-offer", body).json()["counts"]["changed"] == 1
