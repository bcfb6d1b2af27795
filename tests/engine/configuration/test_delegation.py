"""A segment is changed by the operator and by whom it is delegated to; nobody delegates it to himself (domain 4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.models import ConfigurationObject
from tests.api.client import Script
from tests.configured import add
from tests.web.conftest import signed_in
from tests.world import World

BOTH = {"delegate_to_partner": True, "delegate_to_customer": True}


@pytest.fixture
def path(world: World) -> str:
    return f"/customers/{world.contoso.pk}/configuration"


def test_a_segment_that_is_not_delegated_is_read_only(world: World, path: str) -> None:
    made = add(world.actor(world.olga), world.contoso, "segment", name="Guest")
    carla = Script(world.carla)
    for answer in (
        carla.ask("PATCH", f"{path}/{made}", {"body": {"service_vlan": 7}}),
        carla.ask("DELETE", f"{path}/{made}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_delegated")
    assert carla.get(f"{path}/{made}").json()["body"] == {}
    page = signed_in(world.carla).get(f"/customers/{world.contoso.pk}/configuration/{made}").content.decode()
    assert "Guest" in page
    assert "Delete" not in page
    assert Script(world.pia).ask("PATCH", f"{path}/{made}", {"body": {"service_vlan": 7}}).status_code == 200


def test_a_partner_changes_none_that_is_the_operators_own(world: World, path: str) -> None:
    made = add(world.actor(world.olga), world.contoso, "segment", {"delegate_to_partner": False}, name="Cards")
    assert Script(world.pia).ask("DELETE", f"{path}/{made}").json()["code"] == "not_delegated"
    assert Script(world.stan).ask("DELETE", f"{path}/{made}").status_code == 204


@pytest.mark.parametrize(
    ("who", "body", "wrong"),
    [
        ("carla", {**BOTH, "delegate_to_customer": False}, ["/delegate_to_customer"]),
        ("carla", {**BOTH, "delegate_to_partner": False}, ["/delegate_to_partner"]),
        ("carla", {}, ["/delegate_to_customer"]),
        ("pia", {**BOTH, "delegate_to_partner": False}, ["/delegate_to_partner"]),
    ],
)
def test_nobody_changes_a_delegation_that_is_not_his_to_give(
    world: World, path: str, who: str, body: dict[str, Any], wrong: list[str]
) -> None:
    made = add(world.actor(world.olga), world.contoso, "segment", BOTH, name="Guest")
    answer = Script(getattr(world, who)).ask("PATCH", f"{path}/{made}", {"body": body})
    assert answer.status_code == 422
    assert [each["path"] for each in answer.json()["errors"]["body"]] == wrong
    assert ConfigurationObject.objects.get(customer=world.contoso, local_id=made).body == BOTH


def test_who_may_hand_on_does(world: World, path: str) -> None:
    made = add(world.actor(world.olga), world.contoso, "segment", name="Guest")
    given = {"body": {"delegate_to_customer": True}}
    assert Script(world.pia).ask("PATCH", f"{path}/{made}", given).status_code == 200
    changed = {"body": {"delegate_to_customer": True, "service_vlan": 7}}
    assert Script(world.carla).ask("PATCH", f"{path}/{made}", changed).status_code == 200


def test_a_new_segment_is_delegated_to_who_makes_it(world: World, path: str) -> None:
    said = {"kind": "segment", "name": "Ours", "body": {"service_vlan": 7}}
    made = Script(world.carla).post(path, said).json()
    assert made["body"] == {"service_vlan": 7, "delegate_to_customer": True}
    own = {"kind": "segment", "name": "Alone", "body": {"delegate_to_partner": False}}
    answer = Script(world.carla).post(path, own)
    assert [each["path"] for each in answer.json()["errors"]["body"]] == ["/delegate_to_partner"]
