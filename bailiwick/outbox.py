"""What is to be sent after commit: one row a recipient, written in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick import seal
from bailiwick.models import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class HeaderInjection(ValueError):  # noqa: N818 -- reads as the sentence it is
    """A line break or NUL in an address or subject: it would become a header of its own."""


def enqueue(kind: str, payload: Mapping[str, Any], *, key: str, now: datetime) -> None:
    """Adds a message; a second one with the same key is not added."""
    row = OutboxMessage(kind=kind, payload=dict(payload), key=key, created_at=now, due_at=now)
    OutboxMessage.objects.bulk_create([row], ignore_conflicts=True)


def enqueue_mail(
    recipients: Sequence[str],
    *,
    subject: str,
    body: str,
    key: str,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Adds one plain-text mail for each recipient, so that one refused address stops nobody else's.

    `headers`: what every copy shows, such as To and Cc with all addresses; empty ones are left out.
    The text may hold a link that lets somebody in: the database keeps it sealed (N-01), and forgets it when it is sent.
    `about`: whose letter it is (`user`, `purpose`, `customer`), by which the mailbox knows who may read it.
    """
    shown = {name: text for name, text in (headers or {}).items() if text}
    for text in (*recipients, subject, *shown.values()):
        if any(character in text for character in "\r\n\0"):
            raise HeaderInjection(text)
    for number, recipient in enumerate(recipients):
        sealed = seal.seal(body, owner=_owner(recipient))
        mail = {**(about or {}), "to": recipient, "subject": subject, "sealed": sealed, "headers": shown}
        enqueue("mail", mail, key=f"{key}:{number}", now=now)


def text_of(mail: Mapping[str, Any]) -> str:
    """The text of a waiting mail; nothing where it was dropped. Raises seal.Unreadable where the key is another."""
    if "sealed" in mail:
        return seal.unseal(mail["sealed"], owner=_owner(mail["to"]))
    return str(mail.get("body", ""))  # enqueued by a release that did not seal


def _owner(recipient: str) -> str:
    return f"letter:{recipient}"
