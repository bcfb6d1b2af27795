"""POST /device/v1/activate: a key makes a device an edge, once (D9, T47 to T49, R-41)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bailiwick.fleet import issuing
from bailiwick.models import ActivationKey, CustomerStat, DeviceCertificate, Edge, Event, Gateway
from tests.device.caller import Caller, certificate_request
from tests.device.conftest import Waiting, provisioned
from tests.world import World


def test_a_device_becomes_the_edge_of_its_key(world: World, waiting: Waiting) -> None:
    for name in ("Paris", "Oslo"):
        gateway = Gateway.objects.create(name=name, name_key=name, address="203.0.113.1")
        world.pool.gateways.add(gateway)
    answer = Caller().activate(waiting.key.lower().replace("-", " "))
    assert answer.status_code == 200, answer.content
    told = answer.json()
    edge = Edge.objects.get(pk=waiting.edge.pk)
    assert (edge.activation_state, edge.state, edge.serial_number) == ("ACTIVATED", "CONNECTED", "S-1")
    assert (edge.model, edge.software_version, bool(edge.activated_at)) == ("virtual", "5.2.0", True)
    assert (told["edge"], told["heartbeat_seconds"], told["image"]) == (str(edge.logical_id), 30, None)
    assert {gateway["name"] for gateway in told["gateways"]} == {"Paris", "Oslo"}
    stat = CustomerStat.objects.get(customer=world.contoso)
    assert (stat.edges, stat.edges_connected, stat.edges_unactivated) == (1, 1, 0)
    [event] = Event.objects.filter(name="EDGE_ACTIVATION")
    assert (event.customer_id, event.partner_id, event.door) == (world.contoso.pk, world.acme.pk, "device")
    assert event.after == {"serial_number": "S-1", "model": "virtual"}


def test_the_key_stands_nowhere(waiting: Waiting) -> None:
    Caller().activate(waiting.key)
    stored = str(list(ActivationKey.objects.values())) + str(list(Event.objects.values()))
    assert waiting.key not in stored
    assert waiting.key.replace("-", "") not in stored


def test_a_second_device_gets_nothing_from_a_used_key(waiting: Waiting) -> None:
    assert Caller("S-1").activate(waiting.key).status_code == 200
    answer = Caller("S-2").activate(waiting.key)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_used")
    assert Edge.objects.get(pk=waiting.edge.pk).serial_number == "S-1"
    assert DeviceCertificate.objects.count() == 1
    [failure] = Event.objects.filter(name="EDGE_ACTIVATION_FAILURE")
    assert failure.after == {"code": "key_used", "serial_number": "S-2", "model": "virtual"}


def test_a_key_of_a_known_device_is_for_no_other(world: World, home) -> None:
    waiting = provisioned(world, serial_number="VC-7")
    for serial in ("vc-7", "VC-70", "x"):
        answer = Caller(serial).activate(waiting.key)
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_serial")
    assert Caller("VC-7").activate(waiting.key).status_code == 200


def test_an_old_key_and_a_replaced_one_open_nothing(world: World, waiting: Waiting) -> None:
    olga = world.actor(world.olga)
    newer = issuing.issue(olga, waiting.edge.pk, now=timezone.now())
    assert Caller().activate(waiting.key).json()["code"] == "key_cancelled"
    ActivationKey.objects.filter(cancelled_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Caller().activate(newer.key).json()["code"] == "key_expired"
    assert Edge.objects.get(pk=waiting.edge.pk).activation_state == "PENDING"


def test_the_key_of_a_deleted_edge_and_of_a_deleted_customer_are_no_keys(world: World, waiting: Waiting) -> None:
    world.contoso.deleted_at = timezone.now()
    world.contoso.save()
    assert Caller().activate(waiting.key).json()["code"] == "unknown_key"
    world.contoso.deleted_at = None
    world.contoso.save()
    waiting.edge.delete()
    assert Caller().activate(waiting.key).json()["code"] == "unknown_key"


def test_who_guesses_is_told_to_wait_and_who_knows_is_not(waiting: Waiting) -> None:
    caller = Caller()
    codes = [caller.activate("AAAA-BBBB-CCCC-DDDD").json()["code"] for _ in range(52)]
    assert (codes[0], codes[-1], codes.count("too_many")) == ("unknown_key", "too_many", 2)
    assert caller.activate(waiting.key).status_code == 200


def test_an_old_key_does_not_fill_the_log(waiting: Waiting) -> None:
    Caller().activate(waiting.key)
    for _ in range(20):
        Caller().activate(waiting.key)
    assert Event.objects.filter(name="EDGE_ACTIVATION_FAILURE").count() == 5


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"certificate_request": "nonsense"}, 422),
        ({"certificate_request": "é" * 20}, 422),
        ({"serial_number": "x" * 65}, 422),
        ({"serial_number": ""}, 422),
        ({"serial_number": "a\nb"}, 422),
        ({"serial_number": "a\u202eb"}, 422),
        ({"serial_number": 7}, 422),
        ({"model": None}, 422),
        ({"customer_id": 1}, 422),
        ({"key": "A" * 65}, 422),
        ({"key": "<script>alert(1)</script>"}, 404),
    ],
)
def test_hostile_input_changes_nothing(waiting: Waiting, given, status: int) -> None:
    answer = Caller().activate(waiting.key, **given)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "script" not in answer.content.decode()
    assert ActivationKey.objects.filter(used_at=None).count() == 1


def test_a_request_that_its_key_did_not_sign_gets_nothing_and_the_key_stays(waiting: Waiting) -> None:
    good, other = certificate_request(), certificate_request()
    lines, foreign = good.splitlines(), other.splitlines()
    forged = "\n".join([*lines[:-2], foreign[-2], lines[-1], ""])
    assert Caller().activate(waiting.key, certificate_request=forged).status_code == 422
    assert Caller().activate(waiting.key).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"[" * 60_000, "application/json", 422),
        (b'{"key": NaN}', "application/json", 422),
        (b"x" * 70_000, "application/json", 413),
        (b"{}", "text/plain", 415),
        (b"\xff\xfe", "application/json", 422),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_form(waiting: Waiting, body, content_type: str, status: int) -> None:
    answer = Caller().ask("POST", "activate", body, content_type=content_type)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_markup_of_a_device_is_kept_as_text(waiting: Waiting) -> None:
    caller = Caller("=cmd|'/C calc'!A0")
    assert caller.activate(waiting.key, model="<b>edge</b>").status_code == 200
    assert Edge.objects.get(pk=waiting.edge.pk).model == "<b>edge</b>"
