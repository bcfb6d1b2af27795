"""Diagnostic bundles at door 4: an edge hears what it is asked for, and sends it in parts (docs/adr/0034)."""

from __future__ import annotations

import hashlib
import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bailiwick.fleet.diagnostics import arriving, asking, files, keeping
from bailiwick.models import CustomerDetail, DiagnosticBundle, Edge, Event
from tests.device.caller import Caller
from tests.device.conftest import Waiting, provisioned
from tests.world import World

PLAIN: dict[str, Any] = {"kind": "plain", "interface": "", "seconds": 0}
CAPTURE: dict[str, Any] = {"kind": "capture", "interface": "eth0", "seconds": 5}
CONTENT = random.Random(7).randbytes(1_500_000)
PART = 1024 * 1024


@pytest.fixture
def device(waiting: Waiting) -> Caller:
    caller = Caller()
    assert caller.activate(waiting.key).status_code == 200
    return caller


def asked(world: World, edge: Edge, given: dict[str, Any] = PLAIN) -> DiagnosticBundle:
    return asking.request(world.actor(world.olga), edge.pk, given, now=timezone.now())


def send(device: Caller, bundle: object, content: bytes, start: int = 0, *, total: int = 0, **other: Any) -> Any:
    total = total or len(content)
    piece = content[start : start + PART]
    said = {"HTTP_CONTENT_RANGE": f"bytes {start}-{start + len(piece) - 1}/{total}", **other}
    return device.ask("PUT", f"bundle/{bundle}", piece, content_type="application/octet-stream", **said)


def test_it_is_heard_with_the_next_heartbeat_and_comes_in_parts(
    world: World, waiting: Waiting, device: Caller, home: Path
) -> None:
    assert device.beat().json()["bundle"] is None
    row = asked(world, waiting.edge)
    assert device.beat().json()["bundle"] == {"id": str(row.logical_id), **PLAIN}
    assert send(device, row.logical_id, CONTENT).json() == {"received": PART}
    assert send(device, row.logical_id, CONTENT).json() == {"received": PART}, "A part may come twice."
    assert send(device, row.logical_id, CONTENT, PART).json() == {"received": len(CONTENT)}
    row.refresh_from_db()
    assert (row.state, row.size, row.sha256) == ("complete", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert files.opened(home, row.logical_id).read() == CONTENT
    assert device.beat().json()["bundle"] is None
    assert [event.name for event in Event.objects.filter(name__contains="BUNDLE").order_by("pk")] == [
        asking.REQUESTED, arriving.COMPLETED,
    ]  # fmt: skip
    assert send(device, row.logical_id, b"more").json()["code"] == "unknown_bundle"


def test_the_device_may_say_that_it_cannot(world: World, waiting: Waiting, device: Caller) -> None:
    row = asked(world, waiting.edge, CAPTURE)
    said = {"bundle": str(row.logical_id), "why": "No such device <b>"}
    assert device.ask("POST", "bundle-failed", said).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.why) == ("failed", "No such device <b>")


def test_mod04_a_capture_that_waits_is_not_asked_for_once_pci_is_on(
    world: World, waiting: Waiting, device: Caller, home: Path
) -> None:
    row = asked(world, waiting.edge, CAPTURE)
    CustomerDetail.objects.filter(pk=waiting.edge.customer_id).update(pci_compliance=True)
    assert device.beat().json()["bundle"] is None
    assert send(device, row.logical_id, b"packets").status_code == 404
    assert not list(home.glob("diagnostics/*"))
    keeping.keep(timezone.now(), home=home)
    row.refresh_from_db()
    assert row.state == "refused"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"HTTP_CONTENT_RANGE": ""}, 416, "range"), ({"HTTP_CONTENT_RANGE": "bytes 0-0/1"}, 416, "range"),
        ({"HTTP_CONTENT_RANGE": "bytes 0-1/1"}, 416, "range"), ({"HTTP_CONTENT_RANGE": "bytes 9-10/11"}, 416, "range"),
        ({"HTTP_CONTENT_RANGE": f"bytes 0-1/{arriving.MOST + 1}"}, 413, "too_large"),
    ],
)  # fmt: skip
def test_a_part_that_does_not_fit_is_refused_and_leaves_nothing(
    world: World, waiting: Waiting, device: Caller, home: Path, said: dict[str, str], status: int, code: str
) -> None:
    row = asked(world, waiting.edge)
    answer = send(device, row.logical_id, b"ab", **said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert files.received(home, row.logical_id) == 0


def test_a_part_of_more_than_a_mebibyte_is_refused(world: World, waiting: Waiting, device: Caller, home: Path) -> None:
    row, content = asked(world, waiting.edge), bytes(PART + 1)
    said = {"HTTP_CONTENT_RANGE": f"bytes 0-{PART}/{PART + 1}", "content_type": "application/octet-stream"}
    assert device.ask("PUT", f"bundle/{row.logical_id}", content, **said).json()["code"] == "too_large"
    assert files.received(home, row.logical_id) == 0


def test_an_edge_sends_nothing_for_another_and_nothing_that_nobody_asked_for(
    world: World, waiting: Waiting, device: Caller, home: Path
) -> None:
    other = provisioned(world, "Oslo")
    assert Caller("S-2").activate(other.key).status_code == 200
    row = asked(world, other.edge)
    answers = [send(device, bundle, b"ab") for bundle in (row.logical_id, uuid.uuid4())]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert not list(home.glob("diagnostics/*"))
    device.certificate = b""
    assert send(device, row.logical_id, b"ab").json()["code"] == "certificate_needed"


def test_what_nobody_waits_for_goes(world: World, waiting: Waiting, device: Caller, home: Path) -> None:
    now = timezone.now()
    old = asked(world, waiting.edge)
    keeping.keep(now + keeping.WAITED / 2, home=home)
    assert DiagnosticBundle.objects.get(pk=old.pk).state == "requested"
    keeping.keep(now + keeping.WAITED * 2, home=home)
    assert DiagnosticBundle.objects.get(pk=old.pk).state == "expired"
    row = asked(world, waiting.edge)
    assert send(device, row.logical_id, b"ab").status_code == 200
    files.write(home, uuid.uuid4(), 0, b"of a row that is gone")
    keeping.keep(now + keeping.KEPT / 2, home=home)
    assert [path.name for path in home.glob("diagnostics/*")] == [str(row.logical_id)]
    keeping.keep(now + keeping.KEPT * 2, home=home)
    assert not DiagnosticBundle.objects.exists()
    assert not list(home.glob("diagnostics/*"))
