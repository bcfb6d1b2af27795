"""Sends what waits in the outbox: claimed by one, sent outside any transaction, tried again for five days."""

from __future__ import annotations

import hashlib
import logging
import smtplib
from datetime import timedelta
from email.header import Header
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F

from bailiwick.models import OutboxMessage
from bailiwick.outbox import HeaderInjection, enqueue, enqueue_mail, text_of
from bailiwick.seal import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

__all__ = ["HeaderInjection", "deliver", "enqueue", "enqueue_mail"]

log = logging.getLogger(__name__)
BATCH = 20
# Whoever claims a message has it for so long; a sender that died is followed by another.
CLAIM = timedelta(minutes=10)
# RFC 5321 4.5.4.1 asks for half an hour between tries and for four to five days; the first ones come sooner.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60)]
PATIENCE = timedelta(days=5)
PERMANENT = 500
OF_THE_LETTER = (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
KEPT = ("to", "subject", "user", "purpose", "customer")


def deliver(now: datetime) -> int:
    """Sends what is due and returns how many went out. Without a relay mails stay where they are: the mailbox page."""
    if not settings.EMAIL_HOST:
        return 0
    return sum(_send(message, now) for message in _claim(now))


def _claim(now: datetime) -> list[OutboxMessage]:
    """Puts the due time off, so that nobody else takes these; the transaction ends before anything is sent."""
    due = OutboxMessage.objects.filter(kind="mail", sent_at=None, failed_at=None, due_at__lte=now)
    with transaction.atomic():
        ids = list(due.order_by("due_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        OutboxMessage.objects.filter(pk__in=ids).update(due_at=now + CLAIM, attempts=F("attempts") + 1)
    return list(OutboxMessage.objects.filter(pk__in=ids).order_by("pk"))


def _send(message: OutboxMessage, now: datetime) -> bool:
    try:
        _letter(message).send(fail_silently=False)
    except (OSError, smtplib.SMTPException, ValueError, Unreadable) as error:
        _put_off(message, error, now)
        return False
    _ours(message).update(sent_at=now, error="", payload=_without_secrets(message.payload))
    return True


def _letter(message: OutboxMessage) -> EmailMessage:
    """The same Message-ID at each try: a relay that took it without telling us can see the double."""
    mail = message.payload
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return EmailMessage(
        _subject(mail["subject"]),
        text_of(mail),
        to=[mail["to"]],
        headers={**mail.get("headers", {}), "Message-ID": f"<{digest}@{domain}>"},
        connection=get_connection("django.core.mail.backends.smtp.EmailBackend"),
    )


def _subject(text: str) -> str:
    """A text that looks like an encoded word is encoded: readers would show something else (R-25)."""
    return Header(text, "utf-8").encode(linesep="") if "=?" in text else text


def _put_off(message: OutboxMessage, error: Exception, now: datetime) -> None:
    """Waits longer each time; gives up at a permanent refusal or after five days. The body never reaches the log."""
    reason = _reason(error)
    log.warning("mail %s not sent, try %s: %s", message.pk, message.attempts, reason)
    if _is_permanent(error) or now - message.created_at >= PATIENCE:
        _ours(message).update(failed_at=now, error=reason, payload=_without_secrets(message.payload))
        return
    pause = PAUSES[min(message.attempts, len(PAUSES)) - 1]
    _ours(message).update(due_at=now + pause, error=reason)


def _ours(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    """Only the last claimant writes the outcome."""
    return OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts, sent_at=None)


def _codes(error: Exception) -> Iterable[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _is_permanent(error: Exception) -> bool:
    """Only what is said of the letter itself, never a greeting, STARTTLS or sign-in: those are our settings or theirs.

    ValueError: no mail at all; but a relay's certificate that is not taken is one too, and no fault of the letter's.
    Nor is a text that cannot be read today: the right key may come back within the five days.
    """
    if isinstance(error, ValueError):
        return not isinstance(error, OSError)
    return isinstance(error, OF_THE_LETTER) and min(_codes(error), default=0) >= PERMANENT


def _reason(error: Exception) -> str:
    codes = ", ".join(map(str, _codes(error)))
    return f"{type(error).__name__} {codes}".strip()[:500]


def _without_secrets(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name in KEPT}
