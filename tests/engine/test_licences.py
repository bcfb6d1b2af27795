"""Edge licences (domain 14.4): which go together, who may give them, what a new customer has, what a transfer gives."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.access.actor import Actor, NotAllowed
from bailiwick.access.licences import licence_types_for
from bailiwick.actions import MENU
from bailiwick.engine import licences
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    CustomerLicence,
    Event,
    Job,
    LicenceType,
    PartnerLicence,
    SystemProperty,
)
from bailiwick.models.text import name_key
from tests.api.client import Script
from tests.world import NOW, World

TAILSPIN = {"name": "Tailspin", "account_number": "T-1"}


def made(name: str, edition: str = "ENTERPRISE", mbps: int = 100) -> LicenceType:
    return LicenceType.objects.create(
        name=name, name_key=name_key(name), edition=edition, bandwidth_mbps=mbps, region="EMEA", term_months=12
    )


def new(actor: Actor, *types: LicenceType, **raw: Any) -> Job:
    values = {**TAILSPIN, "licences": [each.pk for each in types], **raw}
    return submit(actor, MENU["new-customer"], raw=values, now=NOW)


def give(actor: Actor, customer: Customer, *types: LicenceType) -> Job:
    raw = {"licences": [each.pk for each in types]}
    return submit(actor, MENU["update-edge-licences"], select={"ids": [customer.pk]}, raw=raw, now=NOW)


def of(customer: Customer) -> list[str]:
    return [each.name for each in licences.of_customer(customer)]


@pytest.mark.parametrize(
    ("editions", "code"),
    [(("POC", "PREMIUM"), "poc_exclusive"), (("STANDARD", "ENTERPRISE"), "editions_mixed"),
     (("STANDARD", "PREMIUM"), "editions_mixed")],
)  # fmt: skip
def test_new_13_what_does_not_go_together_is_refused(world: World, editions: tuple[str, str], code: str) -> None:
    types = [made(edition, edition, 10 + n) for n, edition in enumerate(editions)]
    with pytest.raises(InvalidParams) as error:
        new(world.actor(world.olga), *types)
    assert [each["code"] for each in error.value.errors["licences"]] == [code]
    assert not Customer.objects.filter(name="Tailspin").exists()


def test_a_new_customer_has_what_was_chosen(world: World) -> None:
    enterprise, premium = made("E"), made("P", "PREMIUM")
    job = new(world.actor(world.olga), enterprise, premium)
    assert of(Customer.objects.get(pk=job.result["id"])) == ["E", "P"]


def test_a_partner_gives_what_it_was_given(world: World) -> None:
    mine, other = made("Mine"), made("Other", mbps=200)
    PartnerLicence.objects.create(partner=world.acme, licence_type=mine)
    pia = world.actor(world.pia)
    assert list(licence_types_for(pia)) == [mine]
    assert give(pia, world.contoso, mine).changed == 1
    with pytest.raises(InvalidParams):
        give(pia, world.contoso, other)
    with pytest.raises(InvalidParams, match="Its partner may not give"):
        new(world.actor(world.olga), other, partner=world.acme.pk)


@pytest.mark.parametrize("who", ["bea", "sam"])
def test_whoever_only_reads_gives_none(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        give(world.actor(getattr(world, who)), world.contoso, made("E"))


def test_the_rows_are_replaced_and_told(world: World) -> None:
    olga, customer = world.actor(world.olga), world.customer("Direct")
    first, second = made("First"), made("Second", mbps=200)
    assert give(olga, customer, first).changed == 1
    assert give(olga, customer, first).changed == 0
    assert give(olga, customer, second).changed == 1
    assert of(customer) == ["Second"]
    told = Event.objects.filter(customer_id=customer.pk, name="LICENSE_ASSIGNED").order_by("-id").first()
    assert (told.before, told.after) == ({"licences": ["First"]}, {"licences": ["Second"]})


def test_nobody_goes_down(world: World) -> None:
    olga, customer = world.actor(world.olga), world.customer("Direct")
    premium, enterprise, standard = made("P", "PREMIUM"), made("E", mbps=200), made("S", "STANDARD", 300)
    assert give(olga, customer, standard).changed == 1
    assert give(olga, customer, premium).changed == 1
    for lower in (enterprise, standard):
        job = give(olga, customer, lower)
        assert (job.changed, job.refused, of(customer)) == (0, 1, ["P"])
    assert give(olga, customer).changed == 1, "Without any there is nothing lower."


def test_a_property_closes_it(world: World) -> None:
    SystemProperty.objects.create(name="session.options.enableEdgeLicensing", value=False)
    with pytest.raises(NotAllowed):
        give(world.actor(world.olga), world.contoso, made("E"))


def test_trf_licences_that_the_partner_lacks_are_said_and_given_with_the_transfer(world: World) -> None:
    olga, customer = world.actor(world.olga), world.customer("Direct")
    give(olga, customer, made("Enterprise 100"))
    select, raw = {"ids": [customer.pk]}, {"partner": world.zenith.pk}
    shown = preview(olga, MENU["transfer-to-partner"], select=select, raw=raw, now=NOW)
    assert any("gets more types of edge licences: Enterprise 100" in each for each in shown.consequences)
    assert any("Enterprise 100" in note for line in shown.plan.lines for note in line.notes)
    assert submit(olga, MENU["transfer-to-partner"], select=select, raw=raw, now=NOW).changed == 1
    assert PartnerLicence.objects.get().partner == world.zenith
    assert CustomerLicence.objects.get().partner_id == world.zenith.pk
    gained = Event.objects.get(name="UPDATE_ENTERPRISE_PROXY")
    assert (gained.partner_id, gained.after) == (world.zenith.pk, {"licence_types": ["Enterprise 100"]})


def test_a_type_is_made_known_once(world: World) -> None:
    values = {"name": "E", "bandwidth_mbps": 100, "edition": "ENTERPRISE", "region": "EMEA", "term_months": 12}
    licences.create(world.actor(world.olga), values, now=NOW)
    with pytest.raises(Exception, match="already"):
        licences.create(world.actor(world.olga), values, now=NOW)
    with pytest.raises(NotAllowed):
        licences.create(world.actor(world.sam), {**values, "name": "F"}, now=NOW)


def test_a_customers_own_users_read_the_types_that_their_edges_may_have(world: World) -> None:
    held, other = made("100 Mbps"), made("1 Gbps", mbps=1000)
    PartnerLicence.objects.create(partner=world.acme, licence_type=held)
    give(world.actor(world.olga), world.contoso, held)
    script = Script(world.carla)
    assert [each["name"] for each in script.get("/licence-types").json()["data"]] == ["100 Mbps"]
    assert script.get(f"/licence-types/{held.pk}").status_code == 200
    assert script.get(f"/licence-types/{other.pk}").status_code == 404
