"""POST /device/v1/heartbeat, renew, deactivate: who shows a certificate is its edge, and nobody else is."""

from __future__ import annotations

import ssl
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from bailiwick.fleet import heartbeat, provisioning
from bailiwick.models import DeviceCertificate, DeviceContact, Edge, Event, SoftwareImage
from tests.device.caller import Caller, certificate_request
from tests.device.conftest import Waiting, provisioned
from tests.world import World


@pytest.fixture
def device(waiting: Waiting) -> Caller:
    caller = Caller()
    assert caller.activate(waiting.key).status_code == 200
    return caller


def code(answer) -> str:
    return answer.json()["code"]


def test_a_heartbeat_is_written_down_and_answered(world: World, device: Caller, waiting: Waiting) -> None:
    links = [{"name": "wan1", "state": "STABLE", "latency_ms": 20}, {"name": "lte", "state": "UNSTABLE"}]
    answer = device.beat(links=links, software_version="5.1.0")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    image = SoftwareImage.objects.get()
    order = {"id": str(image.logical_id), "name": "Edge", "version": "5.2.0", "build_number": ""}
    assert told["image"] == {**order, "sha256": "", "size": 0}
    assert (told["heartbeat_seconds"], told["renew"]) == (30, False)
    contact = DeviceContact.objects.get(edge=waiting.edge)
    assert (contact.links, contact.is_degraded, contact.software_version) == (links, True, "5.1.0")
    assert (contact.run, contact.sequence, contact.address) == (1, 1, "192.0.2.7")


def test_the_configuration_has_another_version_when_it_is_another(world: World, device: Caller) -> None:
    first = device.beat().json()
    found = device.ask("GET", "configuration").json()
    assert (found["version"], found["document"]["heartbeat_seconds"]) == (first["configuration_version"], 30)
    world.profile.heartbeat_seconds = 60
    world.profile.save()
    second = device.beat().json()
    assert second["heartbeat_seconds"] == 60
    assert second["configuration_version"] != first["configuration_version"]


@pytest.mark.parametrize("name", ["heartbeat", "renew", "deactivate"])
def test_nothing_is_answered_without_a_certificate(waiting: Waiting, name: str) -> None:
    stranger = Caller()
    body = (
        stranger.report()
        if name == "heartbeat"
        else {"certificate_request": certificate_request()}
        if name == "renew"
        else {}
    )
    answer = stranger.ask("POST", name, body)
    assert (answer.status_code, code(answer)) == (401, "certificate_needed")


def test_n14_a_certificate_that_is_none_of_an_edge_reads_and_registers_nothing(waiting: Waiting) -> None:
    stranger, before = Caller(), Edge.objects.count()
    stranger.certificate = b"a certificate that our authority did not give for an edge"
    assert (stranger.beat().status_code, code(stranger.beat())) == (403, "unknown_certificate")
    assert code(stranger.ask("GET", "configuration")) == "unknown_certificate"
    assert (Edge.objects.count(), DeviceContact.objects.count()) == (before, 0)


def test_n14_no_header_is_taken_for_a_certificate(device: Caller) -> None:
    stranger = Caller()
    for name in ("X-SSL-Cert", "X-Client-Cert", "Bailiwick-Certificate", "Bailiwick.Certificate"):
        answer = stranger.ask("POST", "heartbeat", stranger.report(), headers={name: device.certificate.hex()})
        assert answer.status_code == 401


def test_t48_the_tenant_comes_from_the_certificate(world: World, device: Caller, waiting: Waiting) -> None:
    other = world.edges(world.customer("Fabrikam", partner=world.zenith), 1)[0]
    for given in ({"edge": str(other.logical_id)}, {"customer_id": other.customer_id}):
        assert device.beat(**given).status_code == 422
    assert DeviceContact.objects.get().edge_id == waiting.edge.pk


def test_a_revoked_and_an_ended_certificate_count_no_more(world: World, device: Caller, waiting: Waiting) -> None:
    DeviceCertificate.objects.update(not_after=timezone.now() - timedelta(seconds=1))
    assert code(device.beat()) == "certificate_expired"
    DeviceCertificate.objects.update(not_after=timezone.now() + timedelta(days=1))
    assert device.beat().json()["renew"] is True
    provisioning.deactivate(world.actor(world.olga), waiting.edge.pk, now=timezone.now())
    assert code(device.beat()) == "certificate_revoked"
    assert Edge.objects.get(pk=waiting.edge.pk).state == "DISABLED"


def test_the_same_heartbeat_twice_is_one(device: Caller) -> None:
    report = device.report()
    assert [device.ask("POST", "heartbeat", report).status_code for _ in range(3)] == [200] * 3
    assert device.beat().status_code == 200
    assert device.ask("POST", "heartbeat", report).status_code == 200  # late: it was on its way
    assert DeviceContact.objects.get().sequence == 2


def copy_of(device: Caller) -> Caller:
    copied = Caller(device.serial, "198.51.100.9")
    copied.certificate, copied.run, copied.sequence = device.certificate, device.run + 1, 0
    return copied


def test_a_cloned_certificate_is_locked_for_both(device: Caller, waiting: Waiting) -> None:
    device.beat()
    clone = copy_of(device)
    assert clone.beat().status_code == 200  # as if the device had started anew
    assert (device.beat().status_code, clone.beat().status_code) == (409, 200)
    assert code(device.beat()) == "certificate_cloned"
    assert code(clone.beat()) == "certificate_cloned"
    [event] = Event.objects.filter(name="EDGE_CERTIFICATE_CLONED")
    assert (event.severity, event.category, event.subject) == ("ALERT", "SECURITY", waiting.edge.name)
    assert not DeviceCertificate.objects.filter(revoked_at=None).exists()


def test_two_that_start_anew_from_one_state_are_found(device: Caller) -> None:
    """A machine that was copied as it ran: run and sequence are the same, what is said is not."""
    device.beat()
    clone = copy_of(device)
    device.run += 1
    device.sequence = 0
    answers = [each.beat() for _ in range(4) for each in (device, clone)]
    assert {code(answer) for answer in answers[-2:]} == {"certificate_cloned"}


def test_a_device_that_starts_anew_is_no_clone(device: Caller) -> None:
    device.beat()
    late = device.report()
    device.run, device.sequence = device.run + 1, 0
    assert device.beat().status_code == 200
    assert code(device.ask("POST", "heartbeat", late)) == "out_of_step"  # it was on its way when the device stopped
    assert device.beat().status_code == 200


def test_a_clone_that_renews_is_found_too(device: Caller) -> None:
    device.beat()
    clone = copy_of(device)
    answer = clone.ask("POST", "renew", {"certificate_request": certificate_request()})
    clone.certificate = ssl.PEM_cert_to_DER_cert(answer.json()["certificate"])
    assert clone.beat().status_code == 200
    assert code(device.beat()) == "certificate_revoked"


def test_the_old_certificate_counts_until_the_new_one_is_seen(device: Caller) -> None:
    answer = device.ask("POST", "renew", {"certificate_request": certificate_request()})
    assert answer.status_code == 200
    assert device.beat().status_code == 200  # the answer may have been lost
    renewed = copy_of(device)
    renewed.certificate = ssl.PEM_cert_to_DER_cert(answer.json()["certificate"])
    assert renewed.beat().status_code == 200
    assert code(device.beat()) == "certificate_revoked"


def test_a_device_can_give_its_place_back(device: Caller, waiting: Waiting) -> None:
    assert device.ask("POST", "deactivate", {}).status_code == 200
    edge = Edge.objects.get(pk=waiting.edge.pk)
    assert (edge.activation_state, edge.state) == ("PENDING", "DISABLED")
    assert code(device.beat()) == "certificate_revoked"
    assert Event.objects.filter(name="EDGE_DEACTIVATION").count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"run": -1}, {"run": 2**62}, {"run": "1"}, {"sequence": 1.5}, {"id": "x"}, {"at": "yesterday"},
        {"at": "2026-01-01T00:00:00"}, {"links": [{"name": "a", "state": "GOOD"}]}, {"links": {}},
        {"links": [{"name": "x", "state": "STABLE"}] * 33}, {"software_version": "5\0"}, {"more": 1},
        {"links": [{"name": "x" * 65, "state": "STABLE"}]},
    ],
)  # fmt: skip
def test_a_malformed_report_is_refused_and_changes_nothing(device: Caller, given) -> None:
    before = DeviceContact.objects.values().get()
    assert device.beat(**given).status_code == 422
    assert DeviceContact.objects.values().get() == before


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_the_clock_of_a_device_moves_none_of_our_times(device: Caller, at: str) -> None:
    began = timezone.now()
    assert device.beat(at=at).status_code == 200
    contact = DeviceContact.objects.get()
    assert began <= contact.at <= timezone.now()
    assert abs(contact.clock_skew) > 10**9


def test_a_certificate_of_one_customer_moves_nothing_of_another(world: World, device: Caller, home) -> None:
    second = provisioned(world, "Second")
    other = Caller("S-2")
    other.activate(second.key)
    device.beat()
    assert DeviceContact.objects.get(edge=second.edge).sequence == 0
    report = heartbeat.Beat(5, 5, uuid.uuid4(), "", "", [], 0, "")
    with pytest.raises(heartbeat.Refused):
        heartbeat.beat("0" * 64, report, now=timezone.now())
