"""What may be the file of a software image: one plain ZIP archive that says what it is, and keeps what it says.

`manifest.json` at its top names the image and the SHA-256 of every other file. Nothing is ever unpacked to the disk.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import struct
import zipfile
from typing import IO, TYPE_CHECKING, Annotated, Any, NoReturn
from zlib import error as ZlibError  # noqa: N812 -- an exception, named as one

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as Misfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.models import SoftwareImage

MANIFEST = "manifest.json"
MEGABYTE = 1024 * 1024
MOST_MANIFEST = 256 * 1024
MOST_FILES = 2_000
MOST_UNPACKED = 2048 * MEGABYTE
PIECE = MEGABYTE
# What other systems than ours take for a path, a device or a flag stays outside.
NAME = re.compile(r"[A-Za-z0-9_+@][A-Za-z0-9_+@. -]*(?:/[A-Za-z0-9_+@][A-Za-z0-9_+@. -]*)*")
LONGEST_NAME = 255
BEGINS, LOCAL_HEADER, LENGTHS_AT = b"PK\x03\x04", 30, 26
ENDS, END_LENGTH = b"PK\x05\x06", 22
ENCRYPTED, STREAMED = 0x1, 0x8
# What was written as a stream says its length and sum behind it, in so many bytes at most (APPNOTE 4.3.9).
DESCRIPTOR = 24
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Word = Annotated[str, Field(max_length=255)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What an archive says of itself."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Word
    version: Word
    build_number: Word = ""
    device_family: Word = ""
    files: Annotated[dict[Word, Digest], Field(min_length=1, max_length=MOST_FILES)]


def check(file: IO[bytes], image: SoftwareImage) -> None:
    """Raises ValidationError, beside `file`, where this is no archive of exactly this image."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _require_plain(file, entries, archive.start_dir)
            manifest = _manifest(archive)
            _require_image(manifest, image)
            _require_files(archive, entries, manifest.files)
    except (zipfile.BadZipFile, ZlibError, struct.error, EOFError, NotImplementedError, UnicodeDecodeError, OSError):
        _refuse("image_broken", _("This is no whole ZIP archive. It may have been cut off on its way."))


def _require_plain(file: IO[bytes], entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """One archive from its first byte to its last: nothing before, behind, or twice."""
    if not 0 < len(entries) <= MOST_FILES or len({entry.filename for entry in entries}) != len(entries):
        _refuse("image_entries", _("This archive holds no file, more than 2,000, or two of one name."))
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        _refuse("image_unpacked", _("Unpacked, this archive is larger than 2,048 MB."))
    if not all(_is_plain(entry) for entry in entries):
        _refuse("image_names", _("A file in this archive is encrypted, is a link, or has a name that could lead out."))
    size = file.seek(0, 2)
    file.seek(size - END_LENGTH)
    end = file.read(END_LENGTH)
    begins = sorted(entry.header_offset for entry in entries)
    file.seek(0)
    is_whole = begins[0] == 0 and file.read(4) == BEGINS and end[:4] == ENDS and end[-2:] == b"\0\0"
    if not is_whole or not _end_to_end(file, entries, directory):
        _refuse("image_broken", _("This file is more than one ZIP archive, or something else as well."))


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    named = len(entry.filename) <= LONGEST_NAME and NAME.fullmatch(entry.filename)
    usual = kind in (0, stat.S_IFREG) and entry.compress_type in METHODS
    return bool(named and usual and entry.orig_filename == entry.filename and not entry.flag_bits & ENCRYPTED)


def _end_to_end(file: IO[bytes], entries: Sequence[zipfile.ZipInfo], directory: int) -> bool:
    """Whether each file begins where the one before ends, and the directory behind the last."""
    behind = slack = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if not 0 <= entry.header_offset - behind <= slack:
            return False
        file.seek(entry.header_offset + LENGTHS_AT)
        named, more = struct.unpack("<HH", file.read(4))
        behind = entry.header_offset + LOCAL_HEADER + named + more + entry.compress_size
        slack = DESCRIPTOR if entry.flag_bits & STREAMED else 0
    return 0 <= directory - behind <= slack


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(MANIFEST) as file:
            return Manifest.model_validate(json.loads(file.read(MOST_MANIFEST)))
    except KeyError:
        _refuse("image_manifest", _("This archive has no manifest.json at its top."))
    except (Misfit, ValueError, RecursionError):
        _refuse("image_manifest", _("Its manifest.json is not one of a software image: see the guide."))


def _require_image(manifest: Manifest, image: SoftwareImage) -> None:
    for name in ("name", "version", "build_number", "device_family"):
        if getattr(manifest, name) != getattr(image, name):
            differs = _("By its manifest.json this is another image: %(field)s differs.")
            _refuse("image_other", differs % {"field": name})


def _require_files(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], files: dict[str, str]) -> None:
    if {entry.filename for entry in entries} != {*files, MANIFEST}:
        _refuse("image_files", _("Its manifest.json does not name exactly the files that the archive holds."))
    for name, digest in files.items():
        if _digest(archive, name) != digest:
            _refuse("image_hash", _("A file in this archive is not the one that its manifest.json names."))


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    found: Any = hashlib.sha256()
    with archive.open(name) as file:
        while piece := file.read(PIECE):
            found.update(piece)
    return str(found.hexdigest())


def _refuse(code: str, sentence: str) -> NoReturn:
    raise ValidationError({"file": ValidationError(sentence, code=code)})
