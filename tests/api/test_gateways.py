"""Gateways and pools over REST (domain 12.1, 12.2, 12.4): who may, what is refused, and what uses one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bailiwick.models import Event, Gateway, GatewayPool, PartnerPool
from tests.api.client import Script
from tests.world import World

PATH, POOLS = "/gateways", "/gateway-pools"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(tmp_path, settings) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def gateway(world: World, name: str = "gw-ams", **values: Any) -> Gateway:
    row = Gateway.objects.create(name=name, name_key=name, address="203.0.113.1", **values)
    row.pools.add(world.pool)
    return row


def granted(world: World) -> None:
    type(world.acme).objects.filter(pk=world.acme.pk).update(operate_gateways=True)


@pytest.mark.parametrize(("who", "reads", "makes"), [("stan", 200, 201), ("bea", 200, 403), ("sam", 200, 403),
                                                     ("pia", 200, 403), ("carla", 403, 403)])  # fmt: skip
@pytest.mark.parametrize("path", [PATH, POOLS])
def test_who_reads_and_who_makes(world: World, who: str, reads: int, makes: int, path: str) -> None:
    script = Script(getattr(world, who), by=world.olga)
    assert script.get(path).status_code == reads
    assert script.post(path, {"name": "new"}).status_code == makes


def test_a_partner_with_the_grant_makes_its_own_and_sees_no_other_partners(world: World) -> None:
    granted(world)
    pia = Script(world.pia)
    pool = pia.post(POOLS, {"name": "Acme own"}).json()
    made = pia.post(PATH, {"name": "gw-acme", "pools": [pool["id"]]})
    assert made.status_code == 201, made.content
    assert (made.json()["gateway"]["partner_id"], pool["partner_id"]) == (world.acme.pk, world.acme.pk)
    row = Gateway.objects.get(name="gw-acme")
    stranger = Script(world.stranger)
    assert stranger.get(PATH).json()["data"] == []
    assert stranger.get(f"{PATH}/{row.pk}").status_code == 404
    assert stranger.ask("PATCH", f"{PATH}/{row.pk}", {"capacity": 1}).status_code in (403, 404)
    assert Event.objects.get(name="GATEWAY_PROVISION").partner_id == world.acme.pk


def test_what_is_the_operators_is_read_only_for_a_partner(world: World) -> None:
    granted(world)
    row, pia = gateway(world), Script(world.pia)
    assert [each["name"] for each in pia.get(PATH).json()["data"]] == ["gw-ams"]
    for method, path in (("PATCH", f"{PATH}/{row.pk}"), ("DELETE", f"{PATH}/{row.pk}"),
                         ("PATCH", f"{POOLS}/{world.pool.pk}"), ("DELETE", f"{POOLS}/{world.pool.pk}")):  # fmt: skip
        assert pia.ask(method, path, {} if method == "PATCH" else None).json()["code"] == "not_own"
    assert pia.post(PATH, {"name": "gw-x", "pools": [world.pool.pk]}).status_code == 422
    assert pia.post(PATH, {"name": "gw-x", "partner": world.acme.pk}).status_code == 403


def test_without_the_grant_a_partner_is_told_so(world: World) -> None:
    answer = Script(world.pia).post(PATH, {"name": "gw-acme"})
    assert (answer.status_code, answer.json()["code"]) == (403, "gateways_read_only")


def test_it_is_made_changed_and_deleted_with_an_event_each(world: World, olga: Script) -> None:
    answer = olga.post(PATH, {"name": "gw-ams", "capacity": 400, "roles": ["DATA_PLANE"], "pools": [world.pool.pk]})
    made = answer.json()["gateway"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1{PATH}/{made['id']}"
    assert len(answer.json()["activation"]["key"]) == 19
    assert (made["state"], made["activation_state"], made["pools"]) == ("IN_SERVICE", "PENDING", [world.pool.pk])
    changed = olga.ask("PATCH", f"{PATH}/{made['id']}", {"state": "OUT_OF_SERVICE", "pools": []}).json()
    assert (changed["state"], changed["version"], changed["capacity"], changed["pools"]) == (
        "OUT_OF_SERVICE",
        2,
        400,
        [],
    )
    assert olga.ask("DELETE", f"{PATH}/{made['id']}").status_code == 204
    told = list(Event.objects.filter(subject="gw-ams").order_by("pk").values_list("name", "before", "after"))
    assert [name for name, *_ in told] == ["GATEWAY_PROVISION", "UPDATE_GATEWAY", "DELETE_GATEWAY"]
    assert told[1][1:] == (
        {"state": "IN_SERVICE", "pools": ["Default pool"]}, {"state": "OUT_OF_SERVICE", "pools": []},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field", "status"),
    [
        ({"name": ""}, "name", 422), ({"name": "GW-AMS"}, "name", 409), ({"roles": []}, "roles", 422),
        ({"roles": ["ROOT"]}, "roles", 422), ({"state": "QUIESCED"}, "state", 422), ({"capacity": -1}, "capacity", 422),
        ({"address": "300.1.1.1"}, "address", 422), ({"latitude": 91, "longitude": 0}, "latitude", 422),
        ({"latitude": 5}, "longitude", 422), ({"ipv6_address": "10.0.0.1"}, "ipv6_address", 422),
        ({"pools": [10**9]}, "pools", 422), ({"connected_edges": 5}, "connected_edges", 422),
        ({"name": "a\u0000b"}, "name", 422), ({"contact_email": "nobody"}, "contact_email", 422),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(world: World, olga: Script, given, field: str, status: int) -> None:
    gateway(world)
    answer = olga.post(PATH, {"name": "gw-new", **given})
    assert (answer.status_code, list(answer.json()["errors"])) == (status, [field])
    assert Gateway.objects.count() == 1


def test_an_old_version_is_not_changed(world: World, olga: Script) -> None:
    row = gateway(world)
    for path, number in ((PATH, row.pk), (POOLS, world.pool.pk)):
        tag = olga.get(f"{path}/{number}").headers["ETag"]
        assert olga.ask("PATCH", f"{path}/{number}", {"name": "first"}, If_Match=tag).status_code == 200
        assert olga.ask("PATCH", f"{path}/{number}", {"name": "second"}, If_Match=tag).status_code == 412


def test_what_uses_a_gateway_or_a_pool_is_named(world: World, olga: Script) -> None:
    row = gateway(world)
    answer = olga.ask("DELETE", f"{PATH}/{row.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "the pool Default pool" in answer.json()["detail"]
    answer = olga.ask("DELETE", f"{POOLS}/{world.pool.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "Contoso (1)" in answer.json()["detail"]
    assert "Acme Partners, Zenith (2)" in answer.json()["detail"]
    spare = olga.post(POOLS, {"name": "Spare", "gateways": [row.pk]}).json()
    PartnerPool.objects.create(partner=world.acme, gateway_pool_id=spare["id"])
    assert olga.ask("DELETE", f"{POOLS}/{spare['id']}").status_code == 409
    PartnerPool.objects.filter(gateway_pool_id=spare["id"]).delete()
    assert olga.ask("DELETE", f"{POOLS}/{spare['id']}").status_code == 204
    assert Gateway.objects.filter(pk=row.pk).exists()


def test_a_partners_gateway_stands_in_its_own_pools_only(world: World, olga: Script) -> None:
    theirs = Gateway.objects.create(name="gw-acme", name_key="gw-acme", partner=world.acme)
    answer = olga.ask("PATCH", f"{POOLS}/{world.pool.pk}", {"gateways": [theirs.pk]})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["gateways"])
    answer = olga.post(POOLS, {"name": "Z", "partner": world.zenith.pk, "gateways": [theirs.pk]})
    assert answer.json()["errors"]["gateways"][0]["code"] == "gateway_of_another"
    answer = olga.post(PATH, {"name": "gw-z", "partner": world.zenith.pk, "pools": [world.pool.pk]})
    assert answer.json()["errors"]["pools"][0]["code"] == "pool_of_another"
    mine = olga.post(POOLS, {"name": "A", "partner": world.acme.pk, "gateways": [theirs.pk]})
    assert (mine.status_code, mine.json()["partner_id"]) == (201, world.acme.pk)
    assert list(GatewayPool.objects.get(name="A").gateways.all()) == [theirs]


def soon(**ahead: int) -> str:
    return (timezone.now() + timedelta(**ahead)).isoformat()


def test_only_a_superuser_quiesces_and_only_for_what_can_replace_it(world: World, olga: Script) -> None:
    old, new = gateway(world, "gw-old"), gateway(world, "gw-new")
    gateway(world, "gw-control", roles=["CONTROL_PLANE"])
    gateway(world, "gw-out", state="OUT_OF_SERVICE")
    gateway(world, "gw-waiting", activation_state="PENDING")
    gateway(world, "gw-elsewhere").pools.clear()
    body = {"replacement": new.pk, "deadline": soon(days=59)}
    for who in (world.stan, world.sam, world.pia):
        assert Script(who, by=world.olga).post(f"{PATH}/{old.pk}/quiesce", body).status_code == 403
    assert [each["name"] for each in olga.get(f"{PATH}/{old.pk}/replacements").json()] == ["gw-new"]
    for wrong, field in (({"deadline": soon(days=61)}, "deadline"), ({"deadline": soon(days=-1)}, "deadline"),
                         ({"replacement": old.pk}, "replacement"), ({"replacement": 10**9}, "replacement"),
                         ({"deadline": "soon"}, "deadline")):  # fmt: skip
        answer = olga.post(f"{PATH}/{old.pk}/quiesce", {**body, **wrong})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    told = olga.post(f"{PATH}/{old.pk}/quiesce", body).json()
    assert (told["state"], told["shown_state"], told["replacement_id"]) == ("QUIESCED", "QUIESCED", new.pk)
    assert olga.post(f"{PATH}/{old.pk}/quiesce", body).json()["code"] == "not_in_service"
    olga.ask("PATCH", f"{PATH}/{new.pk}", {"pools": []})
    assert "the quiesced gateway gw-old" in olga.ask("DELETE", f"{PATH}/{new.pk}").json()["detail"]
    assert Script(world.stan, by=world.olga).post(f"{PATH}/{old.pk}/resume", {}).status_code == 403
    assert (
        Script(world.stan, by=world.olga).ask("PATCH", f"{PATH}/{old.pk}", {"state": "IN_SERVICE"}).status_code == 403
    )
    again = olga.post(f"{PATH}/{old.pk}/resume", {}).json()
    assert (again["state"], again["replacement_id"], again["deadline"]) == ("IN_SERVICE", None, None)
    assert olga.post(f"{PATH}/{old.pk}/resume", {}).json()["code"] == "not_quiesced"


def test_a_partner_gateway_is_not_quiesced(world: World, olga: Script) -> None:
    old = gateway(world, "gw-old", roles=["ON_PREMISE"])
    new = gateway(world, "gw-new", roles=["ON_PREMISE"])
    answer = olga.post(f"{PATH}/{old.pk}/quiesce", {"replacement": new.pk, "deadline": soon(days=1)})
    assert (answer.status_code, answer.json()["code"]) == (409, "partner_gateway")


def test_the_list_is_searched_and_filtered(world: World, olga: Script) -> None:
    gateway(world, "gw-ams", city="Amsterdam")
    gateway(world, "gw-osl", city="Oslo", state="QUIESCED", condition="CONNECTED")
    gateway(world, "gw-lon", city="London", condition="OFFLINE")

    def names(query: str) -> list[str]:
        return [each["name"] for each in olga.get(f"{PATH}?{query}").json()["data"]]

    assert names("search=amster") == ["gw-ams"]
    assert names("search=GW-O") == ["gw-osl"]
    assert (names("state=QUIESCED"), names("state=OFFLINE"), names("state=CONNECTED")) == (["gw-osl"], ["gw-lon"], [])
    assert names("state=NONE") == []
    assert len(names("limit=2")) == 2
