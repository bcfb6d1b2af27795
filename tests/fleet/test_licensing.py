"""The licence of an edge (domain 14.4): one that its customer has, chosen when made, kept when licences change."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bailiwick.access.actor import NotAllowed
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet import provisioning
from bailiwick.fleet.licensing import give_licence
from bailiwick.models import (
    ConfigurationObject,
    CustomerLicence,
    Edge,
    Event,
    JobRefusal,
    LicenceType,
    PartnerLicence,
    SystemProperty,
)
from tests.api.client import Script
from tests.configured import add
from tests.engine.test_licences import give, made, of
from tests.web.conftest import signed_in
from tests.world import NOW, World


@pytest.fixture
def types(world: World, settings: Any, tmp_path: Any) -> list[LicenceType]:
    """Contoso has two of three."""
    settings.HOME = tmp_path
    found = [made(name, mbps=mbps) for name, mbps in (("Small", 10), ("Large", 100), ("Other", 500))]
    hold(world, *found[:2])
    return found


def hold(world: World, *some: LicenceType) -> None:
    owner = {"customer": world.contoso, "partner_id": world.contoso.partner_id}
    CustomerLicence.objects.bulk_create(CustomerLicence(**owner, licence_type=each) for each in some)


def provision(world: World, **raw: Any) -> Edge:
    values = {"name": "Lyon", **raw}
    return provisioning.provision(world.actor(world.olga), world.contoso.pk, values, now=timezone.now())[0]


def test_where_the_customer_has_several_one_is_chosen_and_only_one_of_its_own(
    world: World, types: list[LicenceType]
) -> None:
    with pytest.raises(InvalidParams, match="Choose one of the customer's licences: Large, Small"):
        provision(world)
    with pytest.raises(InvalidParams) as error:
        provision(world, licence="Other")
    assert error.value.errors["licence"][0]["code"] == "invalid_choice"
    CustomerLicence.objects.create(customer=world.customer("Fabrikam"), licence_type=types[2])
    with pytest.raises(InvalidParams, match="This customer has no such licence"):
        provision(world, licence="Other")
    assert not Edge.objects.exists()
    assert provision(world, licence="Large").licence_type == types[1]
    assert Event.objects.get(name="EDGE_PROVISION").after["licence_type"] == "Large"


def test_a_single_licence_is_given_by_itself_and_none_where_there_is_none(
    world: World, types: list[LicenceType]
) -> None:
    CustomerLicence.objects.filter(licence_type=types[1]).delete()
    assert provision(world).licence_type == types[0]
    Edge.objects.all().delete()
    CustomerLicence.objects.all().delete()
    assert provision(world).licence_type is None


def test_where_licensing_is_switched_off_nobody_has_to_choose(world: World, types: list[LicenceType]) -> None:
    SystemProperty.objects.create(name="session.options.enableEdgeLicensing", value=False)
    assert len(types) == 3
    assert provision(world).licence_type is None


def test_the_database_lets_no_edge_have_what_its_customer_has_not(world: World, types: list[LicenceType]) -> None:
    edge = provision(world, licence="Large")
    Edge.objects.filter(pk=edge.pk).update(licence_type=types[2])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS edge_licence_held IMMEDIATE")
    Edge.objects.filter(pk=edge.pk).update(licence_type=types[1])


def test_licences_that_edges_have_go_only_for_a_single_other_one(world: World, types: list[LicenceType]) -> None:
    olga, edge = world.actor(world.olga), provision(world, licence="Large")
    PartnerLicence.objects.bulk_create(PartnerLicence(partner=world.acme, licence_type=each) for each in types)
    for left in (types[::2], []):
        job = give(olga, world.contoso, *left)
        assert (job.changed, list(JobRefusal.objects.filter(job=job).values_list("code"))) == (0, [("edges_licensed",)])
    assert give(olga, world.contoso, types[2]).changed == 1
    assert of(world.contoso) == ["Other"]
    assert Edge.objects.get(pk=edge.pk).licence_type == types[2]


def test_an_edge_gets_another_licence_at_each_door(world: World, types: list[LicenceType]) -> None:
    edge = provision(world, licence="Large")
    with pytest.raises(NotAllowed):
        give_licence(world.actor(world.sam), edge.pk, types[0], now=NOW)
    answer = Script(world.olga).ask("PUT", f"/edges/{edge.pk}/licence", {"licence": "Small"})
    assert (answer.status_code, answer.json()["licence_type_id"]) == (200, types[0].pk)
    browser = signed_in(world.carla)
    page = f"/customers/{world.contoso.pk}/edges/{edge.pk}"
    assert f'<option value="{types[0].pk}" selected>Small</option>' in browser.get(page).content.decode()
    assert browser.post(f"{page}/licence", {"licence": types[1].pk}).status_code == 302
    assert browser.post(f"{page}/licence", {"licence": types[2].pk}).status_code == 409
    changes = Event.objects.filter(name="EDGE_UPDATE_ATTRIBUTES").order_by("pk").values_list("after", flat=True)
    assert list(changes) == [{"licence_type": "Small"}, {"licence_type": "Large"}]


def test_a_new_edge_has_its_profile_from_the_beginning(world: World, types: list[LicenceType]) -> None:
    profile = add(world.actor(world.olga), world.contoso, "profile", name="Branch")
    browser, new = signed_in(world.olga), f"/customers/{world.contoso.pk}/edges/new"
    shown = browser.get(new).content.decode()
    assert f'<option value="{profile}">Branch</option>' in shown
    assert "Other" not in shown
    given = {"name": "Lyon", "model": "virtual", "profile": profile, "licence": types[0].pk}
    assert browser.post(new, given).status_code == 200
    row = ConfigurationObject.objects.get(edge__name="Lyon")
    assert row.parent_id == profile
    refused = browser.post(new, {**given, "name": "Oslo", "profile": 99})
    assert (refused.status_code, Edge.objects.count()) == (422, 1)
    assert "There is no such profile" in refused.content.decode()


def test_the_report_counts_customers_edges_and_activated_edges(world: World, types: list[LicenceType]) -> None:
    for name, state in (("Lyon", "ACTIVATED"), ("Oslo", "PENDING")):
        edge = provision(world, name=name, licence="Large")
        Edge.objects.filter(pk=edge.pk).update(activation_state=state)
    lines = b"".join(signed_in(world.olga).get("/edge-licences.csv")).decode().replace('"', "").splitlines()
    counts = {line.split(",")[0]: line.split(",")[-3:] for line in lines[1:]}
    assert counts == {"Large": ["1", "2", "1"], "Small": ["1", "0", "0"], "Other": ["0", "0", "0"]}
    assert types[0].name in lines[-1]
