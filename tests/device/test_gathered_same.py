"""Whenever gathered heartbeats are written, all ends as if each had been written at once."""

from __future__ import annotations

import hashlib
import random
import uuid
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from bailiwick.fleet import heartbeat
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.beats import Beat
from bailiwick.fleet.gathering import Gathering, Here
from bailiwick.fleet.liveness import follow
from bailiwick.models import (
    CustomerStat,
    DeviceContact,
    Edge,
)
from tests.device.caller import activated
from tests.device.conftest import Waiting, provisioned
from tests.processes import lasting_world  # noqa: F401
from tests.world import World

COLUMNS = ("run", "sequence", "recent", "is_degraded", "software_version", "configuration_version", "links", "at")


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
