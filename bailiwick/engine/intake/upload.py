"""Files that users give: kept as they came for a day, for their user only."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from bailiwick.access.scope import uploads_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import Upload
from bailiwick.models.text import NAME_LENGTH

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from bailiwick.access.actor import Actor

LIFE = timedelta(days=1)
MOST_BYTES = 64 * 1024 * 1024
MEGABYTE = 1024 * 1024


class UploadField(forms.UUIDField):
    """The id of a file that was given before; doors that take a file store it first and put its id here."""


def store(actor: Actor, name: str, content: bytes, *, now: datetime) -> Upload:
    """Keeps a file; the same content again is the same row, so that a repeated request is the same request.

    Raises InvalidParams where it is empty or too large.
    """
    if not content:
        raise InvalidParams.one("file", "empty_file", _("This file is empty."))
    if len(content) > MOST_BYTES:
        raise too_large()
    safe = "".join(character for character in name if character.isprintable())[-NAME_LENGTH:]
    times = {"created_at": now, "expires_at": now + LIFE}
    digest = hashlib.sha256(content).hexdigest()
    upload, _created = Upload.objects.update_or_create(
        user_id=actor.user_id,
        digest=digest,
        defaults={"name": safe, **times},
        create_defaults={"name": safe, "content": content, **times},
    )
    return upload


def too_large() -> InvalidParams:
    """The error of a file beyond the limit, for doors that can tell before they read it all."""
    message = _("This file is larger than %(limit)d MB. Split it.") % {"limit": MOST_BYTES // MEGABYTE}
    return InvalidParams.one("file", "too_large", message, status=413)


def content_of(actor: Actor, logical_id: UUID) -> bytes:
    """The bytes of the actor's own file. Raises InvalidParams where there is none, or none any more."""
    found: Any = uploads_for(actor).filter(logical_id=logical_id).values_list("content", flat=True).first()
    if found is None:
        raise InvalidParams.one("file", "unknown_file", _("This file is no longer kept. Choose it again."))
    return bytes(found)
