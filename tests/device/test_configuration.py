"""GET /device/v1/configuration: what the customer configures reaches its edges, with another version at each change."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.edges import configure
from bailiwick.engine.configuration.keep import Draft
from bailiwick.fleet import issuing
from bailiwick.models import ConfigurationObject, DeviceContact, Event
from tests.configured import add, furnish
from tests.device.caller import Caller
from tests.device.conftest import Waiting
from tests.world import NOW, World


@pytest.fixture
def device(waiting: Waiting) -> Caller:
    caller = Caller()
    assert caller.activate(waiting.key).status_code == 200
    return caller


@pytest.fixture
def made(world: World) -> dict[str, int]:
    return furnish(world.actor(world.olga), world.contoso)


def choose(world: World, waiting: Waiting, profile: int | None, **overrides: Any) -> None:
    named = {module.replace("_", "-"): body for module, body in overrides.items()}
    olga = world.actor(world.olga)
    configure(olga, waiting.edge.pk, profile_id=profile, overrides=named, version=None, now=NOW)


def change(world: World, local_id: int, body: dict[str, Any]) -> None:
    row = ConfigurationObject.objects.get(customer=world.contoso, local_id=local_id)
    draft = Draft(row.name, body, row.parent_id, row.position)
    keep.update(world.actor(world.olga), world.contoso.pk, local_id, draft, version=None, now=NOW)


def version(device: Caller) -> str:
    answer = device.beat()
    assert answer.status_code == 200, answer.content
    return str(answer.json()["configuration_version"])


def document(device: Caller) -> dict[str, Any]:
    found = device.ask("GET", "configuration")
    assert found.status_code == 200, found.content
    return dict(found.json()["document"])


def test_a_device_gets_its_profile_with_all_that_it_leads_to(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int]
) -> None:
    add(world.actor(world.olga), world.contoso, "segment", name="Of nobody")
    choose(world, waiting, made["profile"])
    found = document(device)
    segment, dns = made["segment"], made["dns-service"]
    assert found["profile"] == {"id": made["profile"], "name": "Branch"}
    assert found["modules"] == {"device-settings": {"segments": [{"segment": segment, "dns_service": dns}]}}
    (rule,) = found["rules"]["firewall-rule"]
    assert (rule["id"], rule["action"]) == (made["firewall-rule"], "DENY")
    assert set(found["objects"]) == {"segment", "dns-service", "address-group", "port-group"}
    assert found["objects"]["segment"] == {str(segment): {"name": "Cards", "type": "CDE", "service_vlan": 20}}
    assert found["heartbeat_seconds"] == 30


def test_an_edge_without_a_profile_gets_an_empty_configuration(device: Caller, made: dict[str, int]) -> None:
    found = document(device)
    assert (found["profile"], found["modules"], found["rules"], found["objects"]) == (None, {}, {}, {})


def test_what_an_edge_says_itself_lies_over_its_profile(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int]
) -> None:
    olga = world.actor(world.olga)
    add(olga, world.contoso, "firewall", {"enabled": True, "logging": True}, parent_id=made["profile"])
    choose(world, waiting, made["profile"], firewall={"logging": False}, qos={"rate_limit": True})
    modules = document(device)["modules"]
    assert modules["firewall"] == {"enabled": True, "logging": False}
    assert modules["qos"] == {"rate_limit": True}
    assert "device-settings" in modules


@pytest.mark.parametrize("what", ["segment", "address-group", "device-settings", "firewall-rule", "profile"])
def test_whatever_reaches_an_edge_changes_its_version(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int], what: str
) -> None:
    choose(world, waiting, made["profile"])
    before = version(device)
    assert version(device) == before
    row = ConfigurationObject.objects.get(customer=world.contoso, local_id=made[what])
    change(world, made[what], {**row.body})
    assert version(device) != before


def test_another_profile_an_override_a_new_part_and_a_removed_one_change_the_version(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int]
) -> None:
    olga = world.actor(world.olga)
    other = add(olga, world.contoso, "profile", name="Shop")
    seen = [version(device)]
    for deed in (
        lambda: choose(world, waiting, made["profile"]),
        lambda: choose(world, waiting, other),
        lambda: choose(world, waiting, made["profile"]),
        lambda: choose(world, waiting, made["profile"], firewall={"logging": True}),
        lambda: add(olga, world.contoso, "qos", {"rate_limit": True}, parent_id=made["profile"]),
        lambda: keep.delete(olga, world.contoso.pk, made["firewall-rule"], now=NOW),
        lambda: choose(world, waiting, None),
    ):
        deed()
        seen.append(version(device))
    assert len(set(seen)) == len(seen)


def test_what_does_not_reach_an_edge_leaves_its_version(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int]
) -> None:
    olga = world.actor(world.olga)
    choose(world, waiting, made["profile"])
    before = version(device)
    other = add(olga, world.contoso, "profile", name="Shop")
    add(olga, world.contoso, "qos", {"rate_limit": True}, parent_id=other)
    change(world, made["private-network-name"], {"description": "new"})
    assert version(device) == before


def test_a_segment_that_only_an_edge_itself_names_reaches_it(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int]
) -> None:
    segment = add(world.actor(world.olga), world.contoso, "segment", name="Lab")
    choose(world, waiting, made["profile"], analytics={"segments": [segment]})
    before = version(device)
    assert str(segment) in document(device)["objects"]["segment"]
    change(world, segment, {"service_vlan": 30})
    assert version(device) != before


def test_the_version_that_a_device_runs_is_known_and_since_when(world: World, device: Caller, waiting: Waiting) -> None:
    told = version(device)
    assert DeviceContact.objects.get(edge=waiting.edge).configuration_version == ""
    device.beat(configuration_version=told)
    first = DeviceContact.objects.get(edge=waiting.edge)
    device.beat(configuration_version=told)
    second = DeviceContact.objects.get(edge=waiting.edge)
    assert (first.configuration_version, second.configuration_version) == (told, told)
    assert first.configured_at == second.configured_at
    assert second.at > first.at


@pytest.mark.parametrize(("model", "kept"), [("virtual", True), ("edge840", False)])
def test_another_model_of_device_takes_the_profile_and_not_what_the_edge_said_itself(
    world: World, device: Caller, waiting: Waiting, made: dict[str, int], model: str, kept: bool
) -> None:
    own = {"logging": True}
    choose(world, waiting, made["profile"], firewall=own)
    device.beat(configuration_version="x")
    now = timezone.now()
    issued = issuing.request_reactivation(world.actor(world.olga), waiting.edge.pk, serial="", model=model, now=now)
    new = Caller("S-2")
    assert new.activate(issued.key, model=model).status_code == 200
    row = ConfigurationObject.objects.get(edge=waiting.edge)
    assert (row.parent_id, row.body) == (made["profile"], {"firewall": own} if kept else {})
    assert document(new)["modules"].get("firewall") == (own if kept else None)
    assert DeviceContact.objects.get(edge=waiting.edge).configuration_version == ""
    if not kept:
        told = Event.objects.filter(name=keep.CHANGED).latest("pk")
        assert (told.door, told.before["/firewall/logging"]) == ("device", True)
