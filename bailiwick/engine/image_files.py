"""The files of software images: streamed into a folder under the names of their SHA-256, read from there in parts."""

from __future__ import annotations

import hashlib
import os
import uuid
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import software_images_for
from bailiwick.engine.image_archive import check
from bailiwick.models import SoftwareImage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from bailiwick.access.actor import Actor

MOST_MEGABYTES = 512
FOLDER = "images"


class Kept(NamedTuple):
    """A file that came whole."""

    path: Path
    sha256: str
    size: int


def give(actor: Actor, image_id: int, pieces: Iterable[bytes], *, home: Path, now: datetime) -> SoftwareImage:
    """Gives an image its file, once. Raises NotAllowed, SoftwareImage.DoesNotExist, ValidationError; keeps no other."""
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    image = software_images_for(actor).get(pk=image_id)
    _require_none(image)
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = _kept(pieces, folder / f"{uuid.uuid4()}.new")
    try:
        with kept.path.open("rb") as file:
            check(file, image)
        return _taken(actor, image_id, kept, now)
    finally:
        kept.path.unlink(missing_ok=True)


def part(home: Path, sha256: str, start: int, most: int) -> bytes:
    """At most so many bytes from there on. Raises FileNotFoundError."""
    with (home / FOLDER / sha256).open("rb") as file:
        file.seek(start)
        return file.read(most)


def forget(home: Path, sha256: str) -> None:
    """Removes the file of an image that is gone, unless another one has the same."""
    if sha256 and not SoftwareImage.objects.filter(sha256=sha256).exists():
        (home / FOLDER / sha256).unlink(missing_ok=True)


def _kept(pieces: Iterable[bytes], path: Path) -> Kept:
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                size += len(piece)
                _require_room(size)
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(path, digest.hexdigest(), size)


def _require_room(size: int) -> None:
    if size > MOST_MEGABYTES * 1024 * 1024:
        message = _("This file is larger than %(limit)d MB.") % {"limit": MOST_MEGABYTES}
        raise ValidationError({"file": ValidationError(message, code="too_large")})


def _taken(actor: Actor, image_id: int, kept: Kept, now: datetime) -> SoftwareImage:
    """The file has its place before the row names it: no edge is ever sent for what is not there."""
    kept.path.replace(kept.path.with_name(kept.sha256))
    with transaction.atomic():
        image = software_images_for(actor).select_for_update().get(pk=image_id)
        _require_none(image)
        image.sha256, image.size = kept.sha256, kept.size
        image.save(update_fields=["sha256", "size"])
        told = {"sha256": kept.sha256, "size": kept.size}
        audit.record(actor, "SOFTWARE_FILE_UPLOAD", subject=str(image)[:255], after=told, at=now)
    return image


def _require_none(image: SoftwareImage) -> None:
    if image.sha256:
        message = _("This image has its file already. Another build is another image.")
        raise ValidationError({"file": ValidationError(message, code="has_file")})
