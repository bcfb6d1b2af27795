"""An answer to an activation that was lost does not cost the key, and helps nobody else (D9, T47 to T49, R-41)."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.utils import timezone

from bailiwick.edge.identity import Identity
from bailiwick.edge.orchestrator import AwayError, Orchestrator
from bailiwick.fleet import activation, issuing, provisioning
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.authority import authority
from bailiwick.fleet.lost_answer import KEPT, forget
from bailiwick.models import ActivationKey, DeviceCertificate, Edge, Event
from tests.device.caller import Caller, certificate_request
from tests.device.conftest import Waiting
from tests.world import World

OWN = ec.generate_private_key(ec.SECP256R1())


def ask(key: str, serial: str = "S-1", own: Any = OWN) -> Any:
    """A request of its own each time: what counts is the key that signed it."""
    return Caller(serial).activate(key, certificate_request=certificate_request(own))


def later(by: timedelta) -> None:
    for row in ActivationKey.objects.exclude(used_at=None):
        ActivationKey.objects.filter(pk=row.pk).update(used_at=row.used_at - by)


def test_the_same_device_gets_the_same_answer_again(waiting: Waiting) -> None:
    first, again = ask(waiting.key), ask(waiting.key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert DeviceCertificate.objects.count() == 1
    assert Event.objects.filter(name="EDGE_ACTIVATION").count() == 1
    assert not Event.objects.filter(name="EDGE_ACTIVATION_FAILURE").exists()
    caller = Caller()
    caller.activate(waiting.key, certificate_request=certificate_request(OWN))
    assert caller.beat().status_code == 200


def test_nobody_else_gets_it(waiting: Waiting) -> None:
    ask(waiting.key)
    foreign = ec.generate_private_key(ec.SECP256R1())
    for serial, own in (("S-1", foreign), ("S-2", OWN), ("S-2", foreign)):
        answer = ask(waiting.key, serial, own)
        assert (answer.status_code, answer.json()["code"]) == (409, "key_used")
        assert "CERTIFICATE" not in answer.content.decode()
    assert DeviceCertificate.objects.filter(revoked_at=None).count() == 1


def test_a_request_that_somebody_else_signed_is_no_proof(waiting: Waiting) -> None:
    ask(waiting.key)
    good, foreign = certificate_request(OWN).splitlines(), certificate_request().splitlines()
    forged = "\n".join([*good[:-2], foreign[-2], good[-1], ""])
    answer = Caller().activate(waiting.key, certificate_request=forged)
    assert answer.status_code == 422
    assert "-----BEGIN" not in answer.content.decode()


def test_a_device_that_was_heard_asks_no_more(waiting: Waiting) -> None:
    caller = Caller()
    caller.activate(waiting.key, certificate_request=certificate_request(OWN))
    assert caller.beat().status_code == 200
    assert ask(waiting.key).json()["code"] == "key_used"


def test_after_a_quarter_of_an_hour_it_is_too_late(waiting: Waiting) -> None:
    ask(waiting.key)
    later(KEPT - timedelta(seconds=30))
    assert forget(timezone.now()) == 0
    assert ask(waiting.key).status_code == 200
    later(timedelta(seconds=31))
    assert ask(waiting.key).json()["code"] == "key_used"
    assert forget(timezone.now()) == 1
    assert ActivationKey.objects.get().answer == ""


def test_a_certificate_that_counts_no_more_is_not_given_again(world: World, waiting: Waiting) -> None:
    ask(waiting.key)
    provisioning.deactivate(world.actor(world.olga), waiting.edge.pk, now=timezone.now())
    assert ask(waiting.key).json()["code"] == "key_used"
    newer = issuing.issue(world.actor(world.olga), waiting.edge.pk, now=timezone.now())
    assert ask(newer.key, "S-2").status_code == 200
    assert ask(waiting.key).json()["code"] == "key_used"
    assert ask(newer.key, "S-2").status_code == 200


def test_the_reference_edge_asks_again_with_the_key_that_it_kept(tmp_path: Any, monkeypatch: Any) -> None:
    asked = []

    def lost(_self: Orchestrator, _method: str, _name: str, said: dict[str, Any]) -> dict[str, Any]:
        asked.append((tmp_path / "asking.pem").read_bytes())
        assert "certificate_request" in said
        raise AwayError("lost")

    monkeypatch.setattr(Orchestrator, "ask", lost)
    monkeypatch.setattr("bailiwick.edge.identity.pinned_authority", lambda _url, _pin: "")
    monkeypatch.setattr("bailiwick.edge.identity.trusting", lambda *_files: None)
    for _ in range(2):
        with pytest.raises(AwayError):
            Identity(tmp_path).activate("https://x", "K", pin="", serial="S", model="m", version="1")
    assert asked[0] == asked[1]
    assert (tmp_path / "asking.pem").stat().st_mode & 0o777 == 0o600


def _race(world: World, home: Any, number: int) -> None:
    """Each time the device asks twice at once, amid strangers with the same key: one certificate, for it or for one."""
    authority(home)
    olga, strangers = world.actor(world.olga), [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    for each in range(number):
        edge, issued = provisioning.provision(olga, world.contoso.pk, {"name": f"E {each}"}, now=timezone.now())
        told: Counter[str] = Counter()
        certificates: set[bytes] = set()
        gate = threading.Barrier(5)

        def run(serial: str, own: Any, key: str = issued.key, told: Any = told, gate: Any = gate,
                found: set[bytes] = certificates) -> None:  # fmt: skip
            device = activation.Device(serial, "virtual", "1", certificate_request(own), "192.0.2.1")
            connection.ensure_connection()
            gate.wait(20)
            try:
                found.add(
                    activation.activate(key, device, home=home, now=timezone.now()).certificate.tbs_certificate_bytes
                )
                told[serial] += 1
            except Refused as refused:
                told[refused.code] += 1
            finally:
                connection.close()

        asking = [("S", OWN), ("S", OWN), *((f"F{n}", own) for n, own in enumerate(strangers))]
        threads = [threading.Thread(target=run, args=each) for each in asking]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(certificates) == 1
        winner = Edge.objects.get(pk=edge.pk).serial_number
        assert told == {winner: 2 if winner == "S" else 1, "key_used": 3 if winner == "S" else 4}
    assert DeviceCertificate.objects.count() == number


def test_of_a_race_one_device_has_it_however_often_it_asks(lasting_world: World, tmp_path: Any) -> None:
    _race(lasting_world, tmp_path, 10)


@pytest.mark.slow
def test_of_a_thousand_races_too(lasting_world: World, tmp_path: Any) -> None:
    _race(lasting_world, tmp_path, 1_000)
