"""A customer's configuration over REST: who may, foreign customers, and the whole life of an object."""

from __future__ import annotations

import pytest

from bailiwick.models import ConfigurationObject, Customer
from tests.api.client import Script
from tests.configured import DNS, add, furnish
from tests.world import World


def path(customer: Customer, *more: object) -> str:
    return "/".join(["", "customers", str(customer.pk), "configuration", *map(str, more)])


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


@pytest.mark.parametrize(
    ("who", "reads", "makes", "operates"),
    [("stan", 200, 201, 201), ("bea", 200, 403, 403), ("sam", 200, 403, 403), ("pia", 200, 201, 403),
     ("carla", 200, 201, 403), ("stranger", 404, 404, 403)],
)  # fmt: skip
def test_who_reads_who_changes_and_who_decides(world: World, who: str, reads: int, makes: int, operates: int) -> None:
    script = Script(getattr(world, who), by=world.olga)
    assert script.get(path(world.contoso)).status_code == reads
    assert script.post(path(world.contoso), {"kind": "segment", "name": "Cards", "body": {}}).status_code == makes
    assert script.post(path(world.contoso), {"kind": "limits", "body": {}}).status_code == operates


def test_an_id_is_given_once_so_that_an_old_page_hits_nobody_else(world: World, olga: Script) -> None:
    def made(name: str) -> int:
        body = {"kind": "dns-service", "name": name, "body": DNS}
        return int(olga.post(path(world.contoso), body).json()["local_id"])

    first = made("DNS")
    assert olga.ask("DELETE", path(world.contoso, first)).status_code == 204
    assert made("OTHER") == first + 1
    assert olga.ask("PATCH", path(world.contoso, first), {"name": "mine"}, If_Match='"1"').status_code == 404


def test_an_object_lives(world: World, olga: Script) -> None:
    made = olga.post(path(world.contoso), {"kind": "dns-service", "name": "DNS", "body": DNS})
    where = made.json()["local_id"]
    assert made["Location"] == f"/api/v1{path(world.contoso, where)}"
    assert made["ETag"] == '"1"'
    changed = olga.ask("PATCH", path(world.contoso, where), {"body": {"servers": ["9.9.9.9"]}}, If_Match='"1"')
    assert (changed.status_code, changed.json()["version"], changed.json()["name"]) == (200, 2, "DNS")
    stale = olga.ask("PATCH", path(world.contoso, where), {"name": "X"}, If_Match='"1"')
    assert (stale.status_code, stale.json()["errors"]["version"][0]["code"]) == (412, "stale")
    assert [each["body"] for each in olga.get(path(world.contoso, where, "versions")).json()] == [DNS]
    back = olga.post(path(world.contoso, where, "versions", 1, "restore"), {})
    assert (back.json()["body"], back.json()["version"]) == (DNS, 3)
    assert olga.ask("DELETE", path(world.contoso, where)).status_code == 204
    assert olga.get(path(world.contoso, where)).status_code == 404
    assert not ConfigurationObject.objects.exists()


def test_every_fault_has_its_place(world: World, olga: Script) -> None:
    body = {"type": "SECRET", "servers": ["10.0.0.1", "nowhere"]}
    answer = olga.post(path(world.contoso), {"kind": "dns-service", "name": "DNS", "body": body})
    assert answer.status_code == 422
    told = {(each["path"], each["code"]) for each in answer.json()["errors"]["body"]}
    assert told == {("/type", "schema"), ("/servers/1", "schema")}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "house"}, "kind"),
        ({"kind": ["segment"]}, "kind"),
        ({"kind": "segment", "name": 7}, "name"),
        ({"kind": "segment", "name": " "}, "name"),
        ({"kind": "segment", "name": "a\u202eb"}, "name"),
        ({"kind": "qos", "name": "Q", "parent_id": 0}, "parent_id"),
        ({"kind": "qos", "name": "Q", "parent_id": 2**40}, "parent_id"),
        ({"kind": "qos", "name": "Q"}, "parent"),
        ({"kind": "segment", "name": "S", "position": True}, "position"),
        ({"kind": "segment", "name": "S", "body": []}, "body"),
        ({"kind": "segment", "name": "S", "version": 4}, "version"),
    ],
)
def test_wrong_input_is_said_beside_its_field(world: World, olga: Script, given: dict[str, object], field: str) -> None:
    answer = olga.post(path(world.contoso), {"body": {}, **given})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_what_is_named_is_a_conflict(world: World, olga: Script) -> None:
    made = furnish(world.actor(world.olga), world.contoso)
    answer = olga.ask("DELETE", path(world.contoso, made["segment"]))
    assert (answer.status_code, answer.json()["errors"]["name"][0]["code"]) == (409, "in_use")


def test_pages_and_filters(world: World, olga: Script) -> None:
    made = furnish(world.actor(world.olga), world.contoso)
    first = olga.get(f"{path(world.contoso)}?limit=5").json()
    rest = olga.get(f"{path(world.contoso)}?after={first['next']}").json()
    assert [each["local_id"] for each in (*first["data"], *rest["data"])] == list(range(1, 14))
    parts = olga.get(f"{path(world.contoso)}?parent_id={made['profile']}").json()["data"]
    assert [each["kind"] for each in parts] == ["device-settings", "firewall-rule"]
    assert olga.get(f"{path(world.contoso)}?colour=red").status_code == 422


def test_ids_that_cannot_be_are_not_there(world: World, olga: Script) -> None:
    for local_id in (0, 2**31, 2**70):
        assert olga.get(path(world.contoso, local_id)).status_code == 404
        assert olga.ask("DELETE", path(world.contoso, local_id)).status_code == 404
    assert olga.post(path(world.contoso, 1, "versions", 2**70, "restore"), {}).status_code == 404


def test_the_kinds_publish_their_schemas(world: World, olga: Script) -> None:
    kinds = {each["slug"]: each for each in olga.get("/configuration-kinds").json()}
    assert kinds["device-settings"]["within"] == "profile"
    assert kinds["segment"]["body_schema"]["properties"]["service_vlan"]["maximum"] == 4094


def test_a_customer_that_shut_the_operator_out_tells_nothing(world: World, olga: Script) -> None:
    pk = add(world.actor(world.olga), world.contoso, "segment")
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    assert olga.get(path(world.contoso)).status_code == 403
    assert olga.get(path(world.contoso, pk)).status_code == 403
