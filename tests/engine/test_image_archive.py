"""What is given for the file of an image: truncated, wrong, bombs, polyglots, names that lead out (issue 4)."""

from __future__ import annotations

import io
import json
import stat
import struct
import warnings
import zipfile
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError

from bailiwick.engine import image_archive
from bailiwick.models import SoftwareImage
from tests.image_file import FILES, archive, packed

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = SoftwareImage(name="Edge", version="6.4.0", build_number="R640", device_family="edge6X0")
GOOD = archive(IMAGE)


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as found:
        image_archive.check(io.BytesIO(content), IMAGE)
    [error] = found.value.error_dict["file"]
    return str(error.code)


def test_a_whole_archive_of_this_image_passes():
    image_archive.check(io.BytesIO(GOOD), IMAGE)


def with_link(content: bytes = b"/etc/passwd") -> bytes:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as made:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, content)
    return out.getvalue()


def with_name_twice() -> bytes:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.writestr("boot/kernel", b"another kernel")
    return out.getvalue()


def with_one_body_for_two() -> bytes:
    """Two entries of the directory at the same bytes, as bombs have thousands."""
    content = bytearray(packed({"a": b"same", "b": b"same"}))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    struct.pack_into("<L", content, second + 42, 0)
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(GOOD)
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + at] |= 1
    return bytes(content)


def bomb() -> bytes:
    """A directory that claims more than we would ever read."""
    content = bytearray(GOOD)
    struct.pack_into("<L", content, content.rindex(b"PK\x01\x02") + 24, 2**32 - 2)
    return bytes(content)


def with_hidden(where: int) -> bytes:
    """A page between two files, or before the directory, that no entry names: what opens it sees another file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as good, zipfile.ZipFile(out, "w") as made:
        for number, name in enumerate([*good.namelist(), ""]):
            if number == where:
                out.seek(made.start_dir)
                out.write(b"<script>alert(1)</script>")
                made.start_dir = out.tell()
            if name:
                made.writestr(name, good.read(name))
        made._didModify = True  # type: ignore[attr-defined]
    return out.getvalue()


def streamed() -> bytes:
    """As a program writes it that cannot seek: lengths and sums stand behind each file."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    out = Pipe()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in good.namelist():
            made.writestr(name, good.read(name))
    return out.getvalue()


def test_an_archive_that_was_written_as_a_stream_passes():
    image_archive.check(io.BytesIO(streamed()), IMAGE)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "image_broken"),
    "no archive": (lambda: b"\x7fELF" + b"\0" * 5000, "image_broken"),
    "cut off": (lambda: GOOD[:-200], "image_broken"),
    "its first half": (lambda: GOOD[: len(GOOD) // 2], "image_broken"),
    "something before it": (lambda: b"#!/bin/sh\nreboot\n" + GOOD, "image_broken"),
    "something behind it": (lambda: GOOD + b"<script>alert(1)</script>", "image_broken"),
    "two of them": (lambda: GOOD + GOOD, "image_broken"),
    "a changed byte": (lambda: GOOD.replace(b"manifest.json", b"manifest.jsan"), "image_manifest"),
    "a bomb": (bomb, "image_unpacked"),
    "two files at the same bytes": (with_one_body_for_two, "image_broken"),
    "bytes between two files": (lambda: with_hidden(1), "image_broken"),
    "bytes before the directory": (lambda: with_hidden(3), "image_broken"),
    "a link": (with_link, "image_names"),
    "a name twice": (with_name_twice, "image_entries"),
    "encrypted": (encrypted, "image_names"),
    "many files": (lambda: packed({f"f{n}": b"" for n in range(2_001)}), "image_entries"),
    "no manifest": (lambda: packed(FILES), "image_manifest"),
    "a manifest that is no JSON": (lambda: packed({"manifest.json": b"{"}), "image_manifest"),
    "a manifest of a wrong shape": (lambda: archive(IMAGE, more="x"), "image_manifest"),
    "a deep manifest": (lambda: packed({"manifest.json": b"[" * 100_000}), "image_manifest"),
    "another version": (lambda: archive(IMAGE, version="6.4.1"), "image_other"),
    "another hash": (lambda: _archive({**_hashes(), "root.squashfs": "0" * 64}), "image_hash"),
    "a file that is not named": (lambda: _archive(_hashes(), more=b"x"), "image_files"),
    "a named file that is not there": (lambda: _archive({**_hashes(), "more": "0" * 64}), "image_files"),
}  # fmt: skip


def _archive(files: dict[str, str], **more: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as made:
        told = json.loads(made.read("manifest.json")) | {"files": files}
    return packed({"manifest.json": json.dumps(told).encode(), **FILES, **more})


def _hashes() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as made:
        return dict(json.loads(made.read("manifest.json"))["files"])


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_image_is_refused_beside_the_file(what: str):
    made, code = HOSTILE[what]
    assert refusal(made()) == code


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/../../b", "a\\b", "C:/x", ".hidden", "a//b", "a/", "a\nb",
                                  "ä", "<script>", "-rf", "con\x7f", "x" * 300])  # fmt: skip
def test_a_name_that_could_lead_out_is_refused(name: str):
    assert refusal(packed({"manifest.json": b"{}", name: b"x"})) == "image_names"
