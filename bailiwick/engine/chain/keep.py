"""The duty of a worker: seals what is new, and sends the checkpoint to where no one here can take it back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings

from bailiwick import outbox
from bailiwick.access.properties import property_value
from bailiwick.engine.chain.memory import remember
from bailiwick.engine.chain.seal import seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bailiwick.engine.chain.row import Checkpoint

log = logging.getLogger("bailiwick.checkpoint")
PROPERTY = "audit.checkpoint.mail.to"
SUBJECT = "Checkpoint of the audit log, {:%Y-%m-%d}"
BODY = """Keep this letter. It shows that no event up to here was changed or removed:

{point}

bailiwick audit verify --checkpoint FILE compares the log with it.
"""


def keep_sealed(now: datetime, *, leaving: Callable[[], bool]) -> int:
    """Returns how many events are sealed in all, or 0 where nothing was new."""
    point = seal(now, leaving=leaving)
    if point is None:
        return 0
    log.info("%s", point)
    remember(settings.HOME, point)
    _send(point, now)
    return point.events


def _send(point: Checkpoint, now: datetime) -> None:
    """The first checkpoint of a day, to whom a system property names."""
    recipients = [address.strip() for address in property_value(PROPERTY).split(",") if address.strip()]
    if recipients:
        outbox.enqueue_mail(
            recipients,
            subject=SUBJECT.format(now),
            body=BODY.format(point=point),
            key=f"checkpoint:{now:%Y-%m-%d}",
            now=now,
        )
