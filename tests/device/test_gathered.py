"""Heartbeats that wait for one statement: the same end as one by one, told nothing that the database did not say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError
from django.utils import timezone

from bailiwick.fleet import gathering, provisioning
from bailiwick.fleet.changes import Changes
from bailiwick.fleet.gathering import Gathering, Here
from bailiwick.fleet.liveness import follow
from bailiwick.models import (
    DeviceCertificate,
    DeviceContact,
    Edge,
    Event,
    OperatorProfile,
)
from tests.device.caller import Caller, activated
from tests.device.conftest import Waiting, provisioned
from tests.processes import lasting_world  # noqa: F401
from tests.world import World


@pytest.fixture
def device(waiting: Waiting) -> Caller:
    return activated(waiting)


def stored(waiting: Waiting) -> int:
    return DeviceContact.objects.get(edge=waiting.edge).sequence


def code(answer: Any) -> str:
    return answer.json()["code"]


def test_a_heartbeat_waits_and_is_written_with_others(gathered: Gathering, device: Caller, waiting: Waiting) -> None:
    first = device.beat().json()
    assert [device.beat(software_version="5.3.0").json() for _ in range(3)] == [first | {"image": mine()}] * 3
    assert (stored(waiting), gathered.flush(), stored(waiting), gathered.flush()) == (1, 1, 4, 0)
    contact = DeviceContact.objects.get(edge=waiting.edge)
    assert (contact.software_version, contact.address, contact.seconds) == ("5.3.0", "192.0.2.7", 30)
    assert len(contact.recent) == 4


def mine() -> dict[str, Any]:
    found = OperatorProfile.objects.get().image
    return {
        "id": str(found.logical_id), "name": found.name, "version": found.version,
        "build_number": found.build_number, "sha256": found.sha256, "size": found.size,
    }  # fmt: skip


def test_it_asks_the_database_nothing(gathered: Gathering, device: Caller, django_assert_num_queries: Any) -> None:
    device.beat()
    report = device.report()
    with django_assert_num_queries(0):
        assert device.ask("POST", "heartbeat", report).status_code == 200


def test_nothing_is_answered_from_memory_after_a_change(gathered: Gathering, device: Caller, world: World) -> None:
    device.beat()
    assert device.beat().json()["heartbeat_seconds"] == 30
    world.profile.heartbeat_seconds = 60
    world.profile.save()
    gathered.changes.changed("")
    assert device.beat().json()["heartbeat_seconds"] == 60


def test_another_customers_change_costs_nothing(
    gathered: Gathering, device: Caller, waiting: Waiting, django_assert_num_queries: Any
) -> None:
    device.beat()
    gathered.changes.changed(str(waiting.edge.customer_id + 1))
    with django_assert_num_queries(0):
        assert device.beat().status_code == 200


def test_of_a_database_that_is_not_heard_nothing_counts(gathered: Gathering, device: Caller, waiting: Waiting) -> None:
    device.beat()
    gathered.changes.heard(float("-inf"))
    assert device.beat().status_code == 200
    assert stored(waiting) == 2  # written at once


def test_a_certificate_that_is_revoked_is_refused(
    gathered: Gathering, device: Caller, waiting: Waiting, world: World
) -> None:
    device.beat()
    assert device.beat().status_code == 200
    provisioning.deactivate(world.actor(world.olga), waiting.edge.pk, now=timezone.now())
    gathered.changes.changed(str(waiting.edge.customer_id))
    assert code(device.beat()) == "certificate_revoked"
    assert (gathered.flush(), stored(waiting)) == (0, 1)  # what waited of it is not written either


def test_a_revocation_that_was_not_heard_yet_is_found_when_written(
    gathered: Gathering, device: Caller, waiting: Waiting
) -> None:
    device.beat()
    DeviceCertificate.objects.update(revoked_at=timezone.now(), revoked_for="DEACTIVATED")
    assert device.beat().status_code == 200
    assert (gathered.flush(), stored(waiting)) == (0, 1)
    assert code(device.beat()) == "certificate_revoked"


def test_an_ended_certificate_is_refused(gathered: Gathering, device: Caller) -> None:
    DeviceCertificate.objects.update(not_after=timezone.now() + timedelta(days=1))
    assert device.beat().json()["renew"] is True
    assert device.beat().json()["renew"] is True
    [known] = gathered._known.values()
    known.not_after = timezone.now() - timedelta(seconds=1)
    DeviceCertificate.objects.update(not_after=known.not_after)
    assert code(device.beat()) == "certificate_expired"


def test_nothing_is_answered_to_a_stranger(gathered: Gathering, device: Caller) -> None:
    device.beat()
    stranger = Caller()
    assert code(stranger.beat()) == "certificate_needed"
    stranger.certificate = b"of another authority"
    assert code(stranger.beat()) == "unknown_certificate"


def test_a_clone_is_found_in_memory_too(gathered: Gathering, device: Caller) -> None:
    device.beat()
    clone = Caller(device.serial)
    clone.certificate, clone.run = device.certificate, device.run + 1
    assert [clone.beat().status_code, device.beat().status_code, clone.beat().status_code] == [200, 409, 200]
    assert [code(device.beat()), code(clone.beat())] == ["certificate_cloned"] * 2
    assert Event.objects.filter(name="EDGE_CERTIFICATE_CLONED").count() == 1


def test_memory_that_is_full_refuses_and_says_when_to_ask_again(
    gathered: Gathering, device: Caller, world: World
) -> None:
    others = [activated(provisioned(world, f"E {number}"), f"T-{number}") for number in range(3)]
    everyone = (device, *others)
    assert {each.beat().status_code for each in everyone} == {200}
    assert [each.beat().status_code for each in everyone] == [200, 200, 200, 503]
    answer = others[-1].beat()
    assert (code(answer), answer["Retry-After"]) == ("full", "5")
    assert device.beat().status_code == 200  # it has its place already
    assert gathered.flush() == 3
    assert others[-1].beat().status_code == 200


def test_what_could_not_be_written_waits_on(gathered: Gathering, device: Caller, waiting: Waiting, monkeypatch) -> None:
    device.beat()
    device.beat()
    with monkeypatch.context() as broken:
        broken.setattr(gathering, "FLUSH", "SELECT %s FROM bailiwick_nowhere")
        with pytest.raises((DatabaseError, psycopg.Error)):
            _inside(gathered.flush)
    device.beat()
    assert (gathered.flush(), stored(waiting)) == (1, 3)
    assert len(DeviceContact.objects.get().recent) == 3


def _inside(work: Any) -> None:
    from django.db import transaction

    with transaction.atomic():
        work()


def test_who_is_killed_loses_heartbeats_and_no_state(
    gathered: Gathering, device: Caller, waiting: Waiting, world: World, monkeypatch
) -> None:
    """What was answered comes from the database; the next process takes the device as it comes."""
    device.beat()
    began = timezone.now()
    device.beat()
    monkeypatch.setattr(Here, "now", Gathering(Changes()))  # another process; what waited is gone
    assert follow(began + timedelta(seconds=60)) == 0  # one lost heartbeat makes no edge offline
    assert device.beat().status_code == 200
    assert (stored(waiting), Edge.objects.get(pk=waiting.edge.pk).state) == (3, "CONNECTED")
