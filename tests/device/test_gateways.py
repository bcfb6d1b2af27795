"""Door 4 for gateways: a key makes a device a gateway, once; it reports its load; edges hear who serves them."""

from __future__ import annotations

import ssl
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bailiwick.fleet.gateway import heartbeat, keys, provisioning, quiescing
from bailiwick.models import ActivationState, Edge, Event, Gateway, GatewayCertificate, GatewayKey
from tests.device.caller import Caller, activated, certificate_request
from tests.device.conftest import provisioned
from tests.world import World

GIVEN: dict[str, Any] = {
    "name": "gw-ams", "roles": ["DATA_PLANE", "CONTROL_PLANE"], "state": "IN_SERVICE", "capacity": 10,
    "address": "203.0.113.1", "private_address": "", "ipv6_address": "", "dns_name": "", "is_load_balanced": False,
    "authentication": "CERTIFICATE_OPTIONAL", "contact_name": "", "contact_email": "", "street": "", "city": "",
    "country": "", "latitude": None, "longitude": None, "pools": [],
}  # fmt: skip
LOAD = {"connected_edges": 3, "utilization": 40, "cpu": 20, "memory": 30}


class GatewayCaller(Caller):
    """A gateway at the same door."""

    def become(self, key: str, /, **other: Any) -> Any:
        said = {"key": key, "serial_number": self.serial, "software_version": "1.0.0"}
        body = {**said, "certificate_request": certificate_request(), **other}
        answer = self.ask("POST", "gateway/activate", body)
        if answer.status_code == 200:
            self.certificate = ssl.PEM_cert_to_DER_cert(answer.json()["certificate"])
        return answer

    def load(self, **other: Any) -> Any:
        self.sequence += 1
        counted = {"id": str(uuid.uuid4()), "run": self.run, "sequence": self.sequence}
        return self.ask("POST", "gateway/heartbeat", {**counted, **LOAD, **other})


def made(world: World, name: str = "gw-ams", **values: Any) -> tuple[Gateway, str]:
    given = {**GIVEN, "name": name, "pools": [world.pool], **values}
    row, issued = provisioning.provision(world.actor(world.olga), given, now=timezone.now())
    return row, issued.key


def running(world: World, name: str = "gw-ams", **values: Any) -> tuple[Gateway, GatewayCaller]:
    row, key = made(world, name, **values)
    caller = GatewayCaller(f"S-{name}")
    assert caller.become(key).status_code == 200
    return row, caller


pytestmark = pytest.mark.usefixtures("home")


def test_a_device_becomes_the_gateway_of_its_key_once(world: World) -> None:
    row, key = made(world)
    caller = GatewayCaller()
    answer = caller.become(key.lower())
    assert (answer.status_code, answer.json()["gateway"]) == (200, str(row.logical_id))
    row.refresh_from_db()
    assert (row.activation_state, row.condition, row.software_version) == ("ACTIVATED", "CONNECTED", "1.0.0")
    again = GatewayCaller("S-2").become(key)
    assert (again.status_code, again.json()["code"]) == (409, "key_used")
    names = list(Event.objects.filter(category="GATEWAY").order_by("pk").values_list("name", flat=True))
    assert names == ["GATEWAY_PROVISION", "GATEWAY_ACTIVATION", "GATEWAY_ACTIVATION_FAILURE"]
    assert key not in str(list(GatewayKey.objects.values())) + str(list(Event.objects.values()))


def test_old_and_replaced_keys_and_those_of_edges_make_no_gateway(world: World) -> None:
    row, key = made(world)
    newer = keys.issue(world.actor(world.olga), row.pk, now=timezone.now()).key
    assert GatewayCaller().become(key).json()["code"] == "key_cancelled"
    GatewayKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert GatewayCaller().become(newer).json()["code"] == "key_expired"
    assert GatewayCaller().become("AAAA-BBBB-CCCC-DDDD").json()["code"] == "unknown_key"
    assert GatewayCaller().become(provisioned(world).key).json()["code"] == "unknown_key"
    assert Caller().activate(newer).json()["code"] == "unknown_key"
    assert Gateway.objects.get().activation_state == ActivationState.PENDING


def test_its_load_is_kept_and_it_hears_its_state(world: World) -> None:
    row, caller = running(world)
    answer = caller.load(software_version="1.1.0")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"heartbeat_seconds": 30, "state": "IN_SERVICE", "deadline": None, "renew": False}
    row.refresh_from_db()
    assert (row.connected_edges, row.utilization, row.cpu, row.memory) == (3, 40, 20, 30)
    assert row.software_version == "1.1.0"


def test_an_edges_certificate_is_no_gateways_and_the_other_way_round(world: World) -> None:
    _row, gateway = running(world)
    edge = activated(provisioned(world))
    gateway.certificate, edge.certificate = edge.certificate, gateway.certificate
    assert gateway.load().json()["code"] == "unknown_certificate"
    assert edge.beat().json()["code"] == "unknown_certificate"
    assert GatewayCaller().load().json()["code"] == "certificate_needed"


@pytest.mark.parametrize("wrong", [{"cpu": 101}, {"connected_edges": -1}, {"utilization": "5"}, {"partner_id": 1},
                                   {"memory": None}, {"software_version": "a\nb"}])  # fmt: skip
def test_hostile_reports_change_nothing(world: World, wrong: dict[str, Any]) -> None:
    row, caller = running(world)
    assert caller.load(**wrong).status_code == 422
    row.refresh_from_db()
    assert row.connected_edges == 0


def test_what_is_sent_twice_counts_once_and_a_copy_is_locked(world: World) -> None:
    row, caller = running(world)
    same = {"id": str(uuid.uuid4()), "sequence": 7}
    assert (caller.load(**same).status_code, caller.load(**same).status_code) == (200, 200)
    assert caller.load(sequence=3).json()["code"] == "out_of_step"
    assert caller.load(sequence=4).json()["code"] == "certificate_cloned"
    assert caller.load(sequence=99).json()["code"] == "certificate_cloned"
    assert Event.objects.filter(name="GATEWAY_CERTIFICATE_CLONED", subject=row.name).count() == 1


def test_a_renewed_certificate_ends_the_old_one_when_it_is_seen(world: World) -> None:
    _row, caller = running(world)
    old = caller.certificate
    answer = caller.ask("POST", "gateway/renew", {"certificate_request": certificate_request()})
    assert caller.load().status_code == 200
    caller.certificate = ssl.PEM_cert_to_DER_cert(answer.json()["certificate"])
    assert caller.load().status_code == 200
    caller.certificate = old
    assert caller.load().json()["code"] == "certificate_revoked"


def test_who_gives_its_place_back_is_a_gateway_no_more(world: World) -> None:
    row, caller = running(world)
    assert caller.ask("POST", "gateway/deactivate").status_code == 200
    row.refresh_from_db()
    assert (row.activation_state, row.condition) == ("PENDING", "DISABLED")
    assert caller.load().json()["code"] == "certificate_revoked"
    assert GatewayCertificate.objects.filter(revoked_at=None).count() == 0


def test_a_gateway_that_is_not_heard_is_offline_and_comes_back(world: World) -> None:
    row, caller = running(world)
    now = timezone.now()
    assert heartbeat.follow(now + timedelta(seconds=60)) == 0
    assert heartbeat.follow(now + timedelta(seconds=90)) == 1
    row.refresh_from_db()
    assert row.condition == "OFFLINE"
    caller.load(is_degraded=True)
    assert heartbeat.follow(timezone.now()) == 1
    caller.load()
    assert heartbeat.follow(timezone.now()) == 1
    names = list(Event.objects.filter(door="worker").order_by("pk").values_list("name", flat=True))
    assert names == ["GATEWAY_DOWN", "GATEWAY_SERVICE_FAILED", "GATEWAY_UP"]


def test_a_gateway_that_is_known_by_its_address_serves_on_while_its_key_waits(world: World) -> None:
    row = Gateway.objects.create(name="gw-old", name_key="gw-old", address="203.0.113.9")
    world.pool.gateways.add(row)
    edge = activated(provisioned(world))
    key = keys.issue(world.actor(world.olga), row.pk, now=timezone.now()).key
    assert names_told(edge) == {"gw-old"}
    assert GatewayCaller().become(key).status_code == 200
    assert names_told(edge) == {"gw-old"}


def test_a_new_key_of_an_activated_gateway_ends_the_first_device_when_it_is_used(world: World) -> None:
    row, first = running(world)
    key = keys.issue(world.actor(world.olga), row.pk, now=timezone.now()).key
    assert first.load().status_code == 200
    second = GatewayCaller("S-2")
    assert second.become(key).status_code == 200
    assert first.load().json()["code"] == "certificate_revoked"
    assert second.load().status_code == 200


def names_told(caller: Caller) -> set[str]:
    return {each["name"] for each in caller.beat().json()["gateways"]}


def test_edges_are_not_sent_to_a_gateway_whose_device_never_came(world: World) -> None:
    running(world, "gw-here")
    made(world, "gw-waiting")
    assert names_told(activated(provisioned(world))) == {"gw-here"}


def test_edges_hear_of_data_plane_gateways_that_the_hand_off_allows(world: World) -> None:
    running(world, "gw-data")
    running(world, "gw-control", roles=["CONTROL_PLANE"])
    running(world, "gw-partner", roles=["DATA_PLANE", "ON_PREMISE"])
    edge = activated(provisioned(world))
    for hand_off, expected in (("NONE", {"gw-data"}), ("ALLOW", {"gw-data", "gw-partner"}), ("ONLY", {"gw-partner"})):
        type(world.pool).objects.filter(pk=world.pool.pk).update(hand_off=hand_off)
        assert names_told(edge) == expected


def quiesced(world: World) -> tuple[Gateway, Gateway]:
    old, _caller = running(world, "gw-old")
    new, _caller = running(world, "gw-new")
    deadline = timezone.now() + timedelta(days=5)
    quiescing.quiesce(world.actor(world.olga), old.pk, replacement=new, deadline=deadline, now=timezone.now())
    return old, new


def test_reb_03_a_quiesced_gateway_gets_no_new_edge_and_those_on_it_are_told_the_replacement(world: World) -> None:
    old, _caller = running(world, "gw-old")
    before = activated(provisioned(world, "Lyon"))
    assert names_told(before) == {"gw-old"}
    new, gateway = running(world, "gw-new")
    deadline = timezone.now() + timedelta(days=5)
    quiescing.quiesce(world.actor(world.olga), old.pk, replacement=new, deadline=deadline, now=timezone.now())
    after = activated(provisioned(world, "Metz"), "S-9")
    assert names_told(after) == {"gw-new"}
    told = {each["name"]: each for each in before.beat().json()["gateways"]}
    assert set(told) == {"gw-old", "gw-new"}
    assert told["gw-old"]["replacement"] == {"id": str(new.logical_id), "name": "gw-new", "address": "203.0.113.1"}
    assert told["gw-old"]["until"] is not None
    assert told["gw-new"]["replacement"] is None
    assert gateway.load().json()["state"] == "IN_SERVICE"


def test_reb_03_at_the_deadline_the_replacement_takes_the_place_and_no_other_edge_moves(world: World) -> None:
    """With many gateways the first of each edge changes only where it was the one that was drained."""
    for number in range(4):
        running(world, f"gw-{number}")
    old, _caller = running(world, "gw-old")
    callers = [activated(provisioned(world, f"Site {number}"), f"S-{number}") for number in range(12)]
    first = [caller.beat().json()["gateways"][0]["name"] for caller in callers]
    new = Gateway.objects.get(name="gw-0")
    now = timezone.now()
    quiescing.quiesce(world.actor(world.olga), old.pk, replacement=new, deadline=now + timedelta(days=1), now=now)
    assert [caller.beat().json()["gateways"][0]["name"] for caller in callers] == first
    assert quiescing.drain(now) == 0
    assert quiescing.drain(now + timedelta(days=2)) == 1
    assert quiescing.drain(now + timedelta(days=2)) == 0
    expected = ["gw-0" if name == "gw-old" else name for name in first]
    assert "gw-old" in first
    assert [caller.beat().json()["gateways"][0]["name"] for caller in callers] == expected
    [event] = Event.objects.filter(name="GATEWAY_DRAINED")
    assert event.after == {"state": "OUT_OF_SERVICE", "replacement": "gw-0"}
    assert Edge.objects.count() == 12
