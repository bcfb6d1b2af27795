"""The configuration of an edge on its page: who sees and chooses, what is its own, and whether its device runs it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from bailiwick.models import ConfigurationObject, DeviceContact, Edge
from tests.configured import add, furnish
from tests.web.conftest import signed_in
from tests.world import World


@pytest.fixture
def edge(world: World) -> Edge:
    return world.edges(world.contoso)[0]


def page(edge: Edge, *more: str) -> str:
    return "/".join(["", "customers", str(edge.customer_id), "edges", str(edge.pk), "configuration", *more])


def stored(edge: Edge) -> tuple[int | None, dict[str, object], int]:
    row = ConfigurationObject.objects.get(edge=edge)
    return row.parent_id, row.body, row.version


@pytest.mark.parametrize(("who", "reads", "writes"), [
    ("olga", 200, 302), ("sam", 200, 403), ("bea", 200, 403), ("pia", 200, 302), ("carla", 200, 302),
    ("stranger", 404, 404),
])  # fmt: skip
def test_who_reads_and_who_chooses(world: World, edge: Edge, who: str, reads: int, writes: int) -> None:
    browser = signed_in(getattr(world, who), raise_request_exception=False)
    assert browser.get(page(edge)).status_code == reads
    assert browser.post(page(edge), {"profile": "", "version": 0}).status_code == writes
    assert browser.post(page(edge, "qos"), {"says": 1, "rate_limit": "on"}).status_code == writes
    assert ConfigurationObject.objects.filter(edge=edge).exists() == (writes == 302)


def test_a_profile_is_chosen_and_a_stale_page_is_refused(world: World, edge: Edge) -> None:
    made, olga = furnish(world.actor(world.olga), world.contoso), signed_in(world.olga)
    assert olga.post(page(edge), {"profile": made["profile"], "version": 0}).status_code == 302
    assert stored(edge) == (made["profile"], {}, 1)
    shown = olga.get(page(edge)).content.decode()
    assert f'<option value="{made["profile"]}" selected>Branch</option>' in shown
    assert "10.0.0.53" in shown
    refused = olga.post(page(edge), {"profile": "", "version": 0})
    assert refused.status_code == 409
    assert "Somebody changed this meanwhile." in refused.content.decode()
    assert olga.post(page(edge), {"profile": made["segment"], "version": 1}).status_code == 422


def test_only_what_is_otherwise_than_in_the_profile_becomes_the_edges_own(world: World, edge: Edge) -> None:
    made, olga = furnish(world.actor(world.olga), world.contoso), signed_in(world.olga)
    add(world.actor(world.olga), world.contoso, "firewall", {"enabled": True, "logging": True},
        parent_id=made["profile"])  # fmt: skip
    olga.post(page(edge), {"profile": made["profile"], "version": 0})
    shown = olga.get(page(edge, "firewall")).content.decode()
    assert 'name="logging" class="form-check-input" id="id_logging" checked' in shown
    kept = {"says": 1, "version": 1, "enabled": "on", "support_access": "DENY_ALL", "default_action": "DENY"}
    assert olga.post(page(edge, "firewall"), kept).status_code == 302
    assert stored(edge) == (made["profile"], {"firewall": {"logging": False, "default_action": "DENY"}}, 2)
    told = olga.get(page(edge)).content.decode()
    assert "Overridden</span> Logging, Where no rule matches" in told
    assert olga.post(page(edge, "firewall"), {"reset": 1, "version": 2}).status_code == 302
    assert stored(edge) == (made["profile"], {}, 3)
    assert olga.post(page(edge, "firewall"), {**kept, "version": 2}).status_code == 409
    back = f"/customers/{edge.customer_id}/configuration/{ConfigurationObject.objects.get(edge=edge).local_id}"
    assert olga.post(f"{back}/versions/2/restore", follow=True).redirect_chain[-1] == (page(edge), 302)
    assert stored(edge)[1] == {"firewall": {"logging": False, "default_action": "DENY"}}


def test_a_fault_stands_beside_its_field(world: World, edge: Edge) -> None:
    olga = signed_in(world.olga)
    wrong = {"says": 1, "support_addresses": "nowhere", "support_access": "DENY_ALL", "default_action": "ALLOW"}
    refused = olga.post(page(edge, "firewall"), wrong)
    assert refused.status_code == 422
    found = refused.content.decode()
    assert 'id="id_support_addresses_error">/firewall/support_addresses/0: This is no IP address.' in found
    assert olga.get(page(edge, "segment")).status_code == 404


def test_the_page_says_whether_the_device_runs_the_present_configuration(world: World, edge: Edge) -> None:
    from bailiwick.fleet.assignment import assignment_of

    olga = signed_in(world.olga)
    assert "has not said yet" in olga.get(page(edge)).content.decode()
    now = timezone.now()
    contact = DeviceContact.objects.create(
        edge=edge, customer_id=edge.customer_id, partner_id=edge.partner_id, at=now, seconds=30, configured_at=now,
        configuration_version=assignment_of(edge.pk).version,
    )  # fmt: skip
    for who in (world.olga, world.pia, world.carla):
        assert "It runs the present configuration" in signed_in(who).get(page(edge)).content.decode(), who
    olga.post(page(edge, "qos"), {"says": 1, "rate_limit": "on"})
    assert "It runs an older configuration" in olga.get(page(edge)).content.decode()
    assert contact.pk


def test_an_edges_settings_stand_on_its_page_and_not_among_those_of_all(world: World, edge: Edge) -> None:
    olga = signed_in(world.olga, raise_request_exception=False)
    olga.post(page(edge, "qos"), {"says": 1, "rate_limit": "on"})
    row = ConfigurationObject.objects.get(edge=edge)
    configuration = f"/customers/{edge.customer_id}/configuration"
    assert f"{configuration}/{row.local_id}" not in olga.get(configuration).content.decode()
    assert olga.get(f"{configuration}/{row.local_id}").headers["Location"] == page(edge)
    assert olga.get(f"{configuration}/new/edge-settings").status_code == 404
