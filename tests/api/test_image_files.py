"""The file of a software image over REST and on its page: given once, whole, by who may; gone with its image."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bailiwick.engine import image_files
from bailiwick.models import Event, SoftwareImage
from tests.api.client import Script
from tests.image_file import archive
from tests.web.conftest import signed_in
from tests.world import World

RAW = {"Content_Type": "application/octet-stream"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def image(world: World) -> SoftwareImage:
    return SoftwareImage.objects.create(name="Edge", version="6.4.0")


def path_of(image: SoftwareImage) -> str:
    return f"/software-images/{image.pk}/file"


def kept(home: Path) -> list[str]:
    return sorted(file.name for file in home.glob("images/*"))


@pytest.mark.parametrize(("who", "status"), [("olga", 200), ("stan", 200), ("bea", 403), ("pia", 403), ("carla", 403)])
def test_who_may_give_it(world: World, image: SoftwareImage, who: str, status: int) -> None:
    script = Script(getattr(world, who), by=world.olga)
    assert script.ask("PUT", path_of(image), archive(image), **RAW).status_code == status


def test_it_is_given_once_named_by_its_hash_and_gone_with_its_image(
    world: World, image: SoftwareImage, home: Path
) -> None:
    olga, content = Script(world.olga), archive(image, {"root": bytes(range(256)) * 10_000})
    digest = hashlib.sha256(content).hexdigest()
    told = olga.ask("PUT", path_of(image), content, **RAW).json()
    assert (told["sha256"], told["size"]) == (digest, len(content))
    assert kept(home) == [digest]
    assert image_files.part(home, digest, 100, 50) == content[100:150]
    assert Event.objects.get(name="SOFTWARE_FILE_UPLOAD").after == {"sha256": digest, "size": len(content)}
    again = olga.ask("PUT", path_of(image), content, **RAW)
    assert (again.status_code, again.json()["errors"]["file"][0]["code"]) == (422, "has_file")
    assert olga.ask("DELETE", f"/software-images/{image.pk}").status_code == 204
    assert kept(home) == []


def test_of_what_is_refused_nothing_is_kept(world: World, image: SoftwareImage, home: Path) -> None:
    answer = Script(world.olga).ask("PUT", path_of(image), archive(image)[:-9], **RAW)
    assert (answer.status_code, answer.json()["errors"]["file"][0]["code"]) == (422, "image_broken")
    assert kept(home) == []
    assert SoftwareImage.objects.get(pk=image.pk).sha256 == ""


def test_one_beyond_the_limit_is_not_read_to_its_end(
    world: World, image: SoftwareImage, home: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(image_files, "MOST_MEGABYTES", 1)
    answer = Script(world.olga).ask("PUT", path_of(image), b"x" * 1_100_000, **RAW)
    assert (answer.status_code, answer.json()["errors"]["file"][0]["code"]) == (422, "too_large")
    assert kept(home) == []


def test_an_image_that_is_not_there_takes_none(world: World, home: Path) -> None:
    assert Script(world.olga).ask("PUT", "/software-images/999999/file", b"x", **RAW).status_code == 404


def test_on_the_page_it_is_chosen_refused_in_words_and_taken(world: World, image: SoftwareImage, home: Path) -> None:
    browser = signed_in(world.stan)
    assert "Upload the file of Edge 6.4.0" in browser.get("/software-images").content.decode()
    wrong = browser.post(path_of(image), {"file": SimpleUploadedFile("x.zip", b"#!/bin/sh")})
    assert (wrong.status_code, "This is no whole ZIP archive." in wrong.content.decode()) == (422, True)
    assert browser.post(path_of(image), {}).status_code == 422
    right = browser.post(path_of(image), {"file": SimpleUploadedFile("../../x.zip", archive(image))})
    assert right.status_code == 302
    assert kept(home) == [SoftwareImage.objects.get(pk=image.pk).sha256]
    assert signed_in(world.sam).get(path_of(image)).status_code == 403
