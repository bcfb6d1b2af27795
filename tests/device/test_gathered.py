"""Heartbeats that wait for one statement: the same end as one by one, told nothing that the database did not say."""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from bailiwick.fleet import gathering, heartbeat, provisioning
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.beats import Beat
from bailiwick.fleet.changes import CHANNEL, Changes
from bailiwick.fleet.gathering import Gathering, Here
from bailiwick.fleet.liveness import follow
from bailiwick.models import (
    ConfigurationObject,
    Customer,
    CustomerStat,
    DeviceCertificate,
    DeviceContact,
    Edge,
    Event,
    Gateway,
    GatewayPool,
    OperatorProfile,
)
from tests.device.caller import Caller
from tests.device.conftest import Waiting, provisioned
from tests.processes import lasting_world  # noqa: F401
from tests.world import World

FOR_EVER = float("inf")
COLUMNS = ("run", "sequence", "recent", "is_degraded", "software_version", "configuration_version", "links", "at")


@pytest.fixture
def gathered(monkeypatch) -> Gathering:
    """Of this test: it writes when the test says so, and hears what the test tells it."""
    made = Gathering(Changes(), most=3)
    made.changes.heard(FOR_EVER)
    monkeypatch.setattr(Here, "now", made)
    return made


@pytest.fixture
def device(waiting: Waiting) -> Caller:
    return activated(waiting)


def activated(waiting: Waiting, serial: str = "S-1") -> Caller:
    caller = Caller(serial)
    assert caller.activate(waiting.key).status_code == 200
    return caller


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


def test_what_does_not_fit_hinders_nobody_else(gathered: Gathering, world: World, home: Any) -> None:
    sides, now = [side(world, name) for name in ("One", "Two", "Three")], timezone.now()
    for number, each in enumerate(sides):
        answer(each, replace(said(random.Random(number), 1)[0], run=1), now)
        answer(each, replace(said(random.Random(9 + number), 1)[0], run=2, version="x" * (64 + number % 2)), now)
    assert gathered.flush() == 2
    assert [DeviceContact.objects.get(edge=each.waiting.edge).run for each in sides] == [2, 1, 2]
    assert gathered.flush() == 0


def replace(beat: Beat, *, run: int, version: str = "5.2.0") -> Beat:
    return beat._replace(run=run, software_version=version)


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


class Side(NamedTuple):
    waiting: Waiting
    shown: str


def side(world: World, name: str) -> Side:
    made = provisioned(world, name)
    return Side(made, hashlib.sha256(activated(made, name).certificate).hexdigest())


def said(choose: random.Random, number: int) -> list[Beat]:
    """Heartbeats of two devices with one certificate at times, some of them twice, late, or from an ended run."""
    run, sequence, made = 1, 0, []
    for _each in range(number):
        run, sequence = choose.choice([(run, sequence + 1)] * 12 + [(run + 1, 1)])
        links = [{"name": "wan1", "state": choose.choice(["STABLE", "UNSTABLE"])}]
        version = choose.choice(["5.2.0", "5.3.0"])
        made.append(Beat(run, sequence, uuid.UUID(int=choose.getrandbits(128)), version, "x", links, 0, "192.0.2.1"))
        if choose.random() < 0.15:
            made.append(choose.choice(made[-12:]))
    return made


@pytest.mark.parametrize("seed", range(25))
def test_gathered_ends_as_one_by_one(world: World, home: Any, gathered: Gathering, seed: int) -> None:
    """The property: whenever it is written, the rows, the states, the counters and the answers are the same."""
    choose, now = random.Random(seed), timezone.now()
    ours, theirs = side(world, "Ours"), side(world, "Theirs")
    for number, beat in enumerate(said(choose, 30)):
        at = now + timedelta(seconds=number)
        Here.now = None
        expected = answer(theirs, beat, at)
        Here.now = gathered
        assert answer(ours, beat, at) == expected, number
        if choose.random() < 0.3:
            gathered.flush()
    gathered.flush()
    assert row(ours) == row(theirs)
    follow(at)
    states = Edge.objects.filter(pk__in=[ours.waiting.edge.pk, theirs.waiting.edge.pk]).values_list("state", flat=True)
    assert len(set(states)) == 1
    stat = CustomerStat.objects.get(customer=world.contoso)
    assert stat.edges_connected + stat.edges_degraded + stat.edges_down == stat.edges


def answer(of: Side, beat: Beat, at: Any) -> Any:
    try:
        told = heartbeat.beat(of.shown, beat, now=at)
    except Refused as refusal:
        return refusal.code
    return told.renew, told.assignment.heartbeat_seconds, told.assignment.image


def row(of: Side) -> Any:
    return DeviceContact.objects.values_list(*COLUMNS).get(edge=of.waiting.edge)


def test_what_concerns_a_heartbeat_is_told_at_the_commit_and_nothing_else(
    lasting_world: World,  # noqa: F811
    home: Any,
) -> None:
    world = lasting_world
    made = provisioned(world)
    device = activated(made)
    mine, customer = Edge.objects.filter(pk=made.edge.pk), str(world.contoso.pk)
    pool = GatewayPool.objects.first() or GatewayPool.objects.create(name="P", name_key="p")
    gateway = Gateway.objects.create(name="G", name_key="g")
    profile = OperatorProfile.objects.get(pk=world.profile.pk)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
        own.execute(f"LISTEN {CHANNEL}")
        assert told(own, device.beat) == []
        assert told(own, lambda: follow(timezone.now() + timedelta(hours=1))) == []
        assert told(own, lambda: mine.update(state="CONNECTED", name="Lyon 2")) == []
        assert told(own, lambda: mine.update(activation_state="REACTIVATION_PENDING")) == [customer]
        assert told(own, lambda: mine.update(operator_profile=profile)) == [customer]
        assert told(own, lambda: mine.update(ordered_image=profile.image)) == [customer]
        assert told(own, lambda: DeviceCertificate.objects.update(revoked_at=timezone.now())) == [customer]
        assert told(own, profile.save) == [""]
        assert told(own, profile.image.save) == [""]
        assert told(own, lambda: pool.gateways.add(gateway)) == [""]
        assert told(own, lambda: Gateway.objects.filter(pk=gateway.pk).update(city="Oslo")) == []
        assert told(own, lambda: Gateway.objects.filter(pk=gateway.pk).update(state="QUIESCED")) == [""]
        assert told(own, lambda: Customer.objects.filter(pk=world.contoso.pk).update(gateway_pool=pool)) == [""]
        assert told(own, lambda: Customer.objects.filter(pk=world.contoso.pk).update(alerts_enabled=False)) == []
        assert told(own, mine.delete)[0] in ("", customer)
    assert not ConfigurationObject.objects.filter(edge_id=made.edge.pk).exists()


def told(own: psycopg.Connection[Any], work: Any) -> list[str]:
    work()
    own.execute("SELECT 1")
    return sorted({notice.payload for notice in own.notifies(timeout=0.2)})


def test_a_change_is_heard_within_a_moment(lasting_world: World) -> None:  # noqa: F811
    changes = Changes()
    listener = threading.Thread(target=changes.listen)
    listener.start()
    done = threading.Event()
    try:
        until(lambda: changes.none_since(changes.mark(), 1), done)
        mark = changes.mark()
        OperatorProfile.objects.update(heartbeat_seconds=45)
        until(lambda: not changes.none_since(mark, 1), done)
    finally:
        changes.end()
        listener.join(5)


def until(condition: Any, done: threading.Event) -> None:
    for _each in range(100):
        if condition():
            return
        done.wait(0.02)
    raise AssertionError("not within two seconds")
