"""Edges over REST: who may make one, what is refused, and where the key stands."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from bailiwick.models import ActivationKey, Edge, Event, OutboxMessage
from tests.api.client import Script
from tests.configured import add
from tests.device.caller import Caller
from tests.world import World


@pytest.fixture
def path(world: World, settings: Any, tmp_path: Any) -> str:
    settings.HOME = tmp_path
    return f"/customers/{world.contoso.pk}/edges"


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def test_an_edge_is_made_with_a_key_that_a_device_can_use(world: World, olga: Script, path: str) -> None:
    answer = olga.post(path, {"name": "Lyon", "serial_number": "S-9", "country": "France"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert answer.headers["Location"] == f"/api/v1/edges/{made['id']}"
    assert (made["model"], made["country"], made["activation_state"]) == ("virtual", "FR", "PENDING")
    assert made["activation"]["link"].endswith(f"/activate#{made['activation']['key']}")
    assert len(made["activation"]["pin"]) == 64
    assert "key" not in str(olga.get(f"/edges/{made['id']}").json())
    assert Caller("S-9").activate(made["activation"]["key"]).status_code == 200
    assert olga.get(f"/edges/{made['id']}").json()["state"] == "CONNECTED"


@pytest.mark.parametrize(
    ("who", "status"),
    [("stan", 201), ("bea", 403), ("sam", 403), ("pia", 201), ("stranger", 404), ("carla", 201)],
)
def test_who_may_make_one(world: World, path: str, who: str, status: int) -> None:
    script = Script(getattr(world, who), by=world.olga)
    assert script.post(path, {"name": "Lyon"}).status_code == status
    assert Edge.objects.count() == ActivationKey.objects.count() == (1 if status == 201 else 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"), ({"name": ""}, "name"), ({"name": "a\nb"}, "name"), ({"name": "x" * 256}, "name"),
        ({"name": "a", "model": "toaster"}, "model"), ({"name": "a", "serial_number": "x" * 65}, "serial_number"),
        ({"name": "a", "country": "Atlantis"}, "country"), ({"name": "a", "state": "CONNECTED"}, "state"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(olga: Script, path: str, given: dict[str, Any], field: str) -> None:
    answer = olga.post(path, given)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert not Edge.objects.exists()


def test_a_name_is_taken_once_a_customer(world: World, olga: Script, path: str) -> None:
    olga.post(path, {"name": "Lyon"})
    answer = olga.post(path, {"name": "lyon"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    other = world.customer("Fabrikam")
    assert olga.post(f"/customers/{other.pk}/edges", {"name": "Lyon"}).status_code == 201


def test_a_customer_that_withdrew_operator_access_gets_no_edge_from_us(world: World, olga: Script, path: str) -> None:
    world.contoso.operator_access = False
    world.contoso.save()
    assert olga.post(path, {"name": "Lyon"}).status_code == 403


def test_keys_are_replaced_mailed_and_cancelled(olga: Script, path: str) -> None:
    made = olga.post(path, {"name": "Lyon"}).json()
    keys = f"/edges/{made['id']}/activation-key"
    replaced = olga.post(keys).json()
    mailed = olga.post(keys, {"email": "site@contoso.example"})
    assert mailed.status_code == 201
    assert OutboxMessage.objects.get().payload["to"] == "site@contoso.example"
    assert olga.post(keys, {"email": "nobody"}).status_code == 422
    assert olga.ask("DELETE", keys).status_code == 204
    assert olga.ask("DELETE", keys).json()["code"] == "no_key"
    tried = [made["activation"]["key"], replaced["key"], mailed.json()["key"]]
    assert {Caller().activate(key).json()["code"] for key in tried} == {"key_cancelled"}


def test_the_life_of_an_edge(olga: Script, path: str) -> None:
    made = olga.post(path, {"name": "Lyon"}).json()
    one = f"/edges/{made['id']}"
    device = Caller("A")
    device.activate(made["activation"]["key"])
    assert olga.post(f"{one}/activation-key").json()["code"] == "activated"
    newer = olga.post(f"{one}/reactivation", {"serial_number": "B"}).json()
    assert olga.get(one).json()["activation_state"] == "REACTIVATION_PENDING"
    assert Caller("B").activate(newer["key"]).status_code == 200
    assert olga.ask("DELETE", one).json()["code"] == "edge_connected"
    assert olga.post(f"{one}/deactivate").status_code == 204
    assert olga.post(f"{one}/deactivate").json()["code"] == "not_activated"
    assert olga.ask("DELETE", one).status_code == 204
    assert olga.get(one).status_code == 404
    names = [
        "EDGE_PROVISION",
        "EDGE_ACTIVATION",
        "EDGE_REACTIVATION_REQ",
        "EDGE_ACTIVATION",
        "EDGE_DEACTIVATION",
        "DELETE_EDGE",
    ]
    assert list(Event.objects.filter(category="EDGE").order_by("pk").values_list("name", flat=True)) == names


def test_alerts_are_changed_and_pre_notifications_by_operators_only(world: World, olga: Script, path: str) -> None:
    one = f"/edges/{olga.post(path, {'name': 'Lyon'}).json()['id']}"
    assert olga.ask("PATCH", one, {"alerts_enabled": False}).json()["alerts_enabled"] is False
    assert olga.ask("PATCH", one, {"operator_alerts_enabled": False}).status_code == 200
    assert not Edge.objects.get().operator_alerts_enabled
    carla = Script(world.carla, by=world.olga)
    assert carla.ask("PATCH", one, {"operator_alerts_enabled": True}).status_code == 403
    assert Event.objects.filter(name="EDGE_UPDATE_ATTRIBUTES").count() == 2


def test_an_edge_of_another_home_is_not_there(world: World, olga: Script, path: str) -> None:
    one = f"/edges/{olga.post(path, {'name': 'Lyon'}).json()['id']}"
    stranger = Script(world.stranger, by=world.olga)
    for method, address in (("GET", one), ("PATCH", one), ("DELETE", one), ("POST", f"{one}/activation-key"),
                            ("POST", f"{one}/reactivation"), ("POST", f"{one}/deactivate")):  # fmt: skip
        assert stranger.ask(method, address, {} if method != "GET" else None).status_code == 404
    assert Edge.objects.count() == 1


def test_inv02_an_edge_that_was_never_activated_has_empty_times_in_the_inventory(
    lasting_world: World, settings: Any, tmp_path: Any
) -> None:
    settings.HOME = tmp_path
    script = Script(lasting_world.olga)
    script.post(f"/customers/{lasting_world.contoso.pk}/edges", {"name": "Lyon", "serial_number": "S-1"})
    text = b"".join(script.get("/exports/edge-inventory.csv").streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(text.splitlines())
    assert (row["Edge State"], row["Activation State"]) == ("NEVER_ACTIVATED", "PENDING")
    assert (row["Activation Time"], row["Last Contact"], row["Serial Number"]) == ("", "", "S-1")


def test_a_serial_number_is_of_one_edge_of_the_customer_and_nothing_is_told_of_others(world: World) -> None:
    olga, given = Script(world.olga), {"name": "Lyon", "serial_number": "S-9"}
    other = world.customer("Fabrikam")
    assert olga.post(f"/customers/{world.contoso.pk}/edges", given).status_code == 201
    assert olga.post(f"/customers/{other.pk}/edges", given).status_code == 201
    again = olga.post(f"/customers/{world.contoso.pk}/edges", {**given, "name": "Oslo"})
    assert (again.status_code, again.json()["errors"]["serial_number"][0]["code"]) == (409, "serial_taken")


def test_an_edge_has_the_only_profile_and_of_several_the_one_that_is_chosen(world: World) -> None:
    olga, path = Script(world.olga), f"/customers/{world.contoso.pk}/edges"
    branch = add(world.actor(world.olga), world.contoso, "profile", name="Branch")
    made = olga.post(path, {"name": "Lyon"}).json()["id"]
    assert olga.get(f"/edges/{made}/configuration").json()["profile_id"] == branch
    hub = add(world.actor(world.olga), world.contoso, "profile", name="Hub")
    refused = olga.post(path, {"name": "Oslo"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["profile"])
    made = olga.post(path, {"name": "Oslo", "profile": hub}).json()["id"]
    assert olga.get(f"/edges/{made}/configuration").json()["profile_id"] == hub
