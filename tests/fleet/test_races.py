"""R-41: of any number of devices with one key at the same moment, exactly one becomes the edge."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bailiwick.fleet import activation, provisioning
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.authority import authority
from bailiwick.models import ActivationKey, DeviceCertificate, Edge, Event
from tests.device.caller import certificate_request

AT_ONCE = 8


def race(key: str, home, number: int) -> Counter[str]:
    """So many devices with connections of their own, let go together."""
    told: Counter[str] = Counter()
    gate = threading.Barrier(number)
    request = certificate_request()

    def run(serial: str) -> None:
        device = activation.Device(serial, "virtual", "1", request, "192.0.2.1")
        connection.ensure_connection()
        gate.wait(20)
        try:
            activation.activate(key, device, home=home, now=timezone.now())
            told["won"] += 1
        except Refused as refused:
            told[refused.code] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"S-{each}",)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def _races(world, home, number: int) -> None:
    authority(home)
    olga = world.actor(world.olga)
    for each in range(number):
        edge, issued = provisioning.provision(olga, world.contoso.pk, {"name": f"E {each}"}, now=timezone.now())
        assert race(issued.key, home, AT_ONCE) == {"won": 1, "key_used": AT_ONCE - 1}
        assert DeviceCertificate.objects.filter(edge=edge, revoked_at=None).count() == 1
    assert ActivationKey.objects.filter(used_at=None).count() == 0
    assert Event.objects.filter(name="EDGE_ACTIVATION").count() == number
    assert Edge.objects.filter(activation_state="ACTIVATED").count() == number


def test_r41_one_of_eight_wins_each_of_ten_races(lasting_world, tmp_path) -> None:
    _races(lasting_world, tmp_path, 10)


@pytest.mark.slow
def test_r41_one_of_eight_wins_each_of_a_thousand_races(lasting_world, tmp_path) -> None:
    _races(lasting_world, tmp_path, 1_000)


def test_a_key_that_is_replaced_at_the_same_moment_has_one_winner_or_none(lasting_world, tmp_path) -> None:
    from bailiwick.fleet import issuing

    authority(tmp_path)
    olga, now = lasting_world.actor(lasting_world.olga), timezone.now()
    edge, issued = provisioning.provision(olga, lasting_world.contoso.pk, {"name": "E"}, now=now)
    waiting = threading.Thread(target=race, args=(issued.key, tmp_path, 4))
    waiting.start()
    try:
        issuing.issue(olga, edge.pk, now=now + timedelta(seconds=1))
    except Exception as refused:  # noqa: BLE001 -- the device was first
        assert "activated" in str(refused)
    waiting.join(60)
    edge.refresh_from_db()
    living = DeviceCertificate.objects.filter(edge=edge, revoked_at=None).count()
    assert living == (1 if edge.activation_state == "ACTIVATED" else 0)
    assert ActivationKey.objects.filter(edge=edge, used_at=None, cancelled_at=None).count() == 1 - living
