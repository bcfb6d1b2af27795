"""GET /device/v1/image/{sha256}: a device fetches what is ordered for its edge, in parts, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bailiwick.engine import image_files
from bailiwick.models import OperatorProfile, SoftwareImage
from tests.device.caller import Caller
from tests.device.conftest import Waiting
from tests.image_file import archive
from tests.world import World


@pytest.fixture
def device(waiting: Waiting) -> Caller:
    caller = Caller()
    assert caller.activate(waiting.key).status_code == 200
    return caller


# More than one part, however it is packed.
BIG = {"root": random.Random(4).randbytes(1_500_000)}


@pytest.fixture
def content(world: World, home: Path) -> bytes:
    image = SoftwareImage.objects.get(pk=world.profile.image_id)
    made = archive(image, BIG)
    image_files.give(world.actor(world.olga), image.pk, [made], home=home, now=timezone.now())
    return made


def fetch(device: Caller, sha256: str, **headers: str) -> Any:
    return device.ask("GET", f"image/{sha256}", headers={name.title(): value for name, value in headers.items()})


def test_the_order_names_the_file_and_the_parts_of_it_are_the_whole(device: Caller, content: bytes) -> None:
    order = device.beat(software_version="5.1.0").json()["image"]
    assert order["size"] == len(content)
    found = b""
    while len(found) < len(content):
        answer = fetch(device, order["sha256"], range=f"bytes={len(found)}-")
        assert answer.status_code == 206
        assert answer["Content-Range"].startswith(f"bytes {len(found)}-")
        assert 0 < len(answer.content) <= 1024 * 1024
        found += answer.content
    assert found == content
    assert device.beat(software_version="5.2.0").json()["image"] is None


@pytest.mark.parametrize(
    "asked", ["bytes=9999999999-", "bytes=5-4", "bytes=-5", "bytes=a-b", "pages=1-2", "bytes=0-1,3-4"]
)
def test_a_part_that_it_does_not_have_is_refused(device: Caller, content: bytes, asked: str) -> None:
    order = device.beat(software_version="5.1.0").json()["image"]
    answer = fetch(device, order["sha256"], range=asked)
    assert (answer.status_code, answer.json()["code"]) == (416, "range")


def test_what_is_not_ordered_for_the_edge_is_not_there(
    world: World, device: Caller, content: bytes, home: Path
) -> None:
    other = SoftwareImage.objects.create(name="Edge", version="9.9.9")
    given = image_files.give(world.actor(world.olga), other.pk, [archive(other)], home=home, now=timezone.now())
    for sha256 in (given.sha256, "0" * 64, "../secret.key", "..%2fsecret.key"):
        answer = fetch(device, sha256)
        assert (answer.status_code, answer.json()["code"] in ("unknown_image", "not_found")) == (404, True)
    OperatorProfile.objects.filter(pk=world.profile.pk).update(image=other)
    assert fetch(device, given.sha256).status_code == 206


def test_nobody_without_a_certificate_gets_a_byte(world: World, waiting: Waiting, content: bytes) -> None:
    sha256 = SoftwareImage.objects.get(pk=world.profile.image_id).sha256
    answer = fetch(Caller(), sha256)
    assert (answer.status_code, answer.json()["code"]) == (401, "certificate_needed")
    stranger = Caller()
    stranger.certificate = b"not ours"
    assert fetch(stranger, sha256).status_code == 403
    assert stranger.ask("POST", f"image/{sha256}", {}).status_code == 405
