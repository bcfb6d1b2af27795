"""The letters that let people in: invitation and password reset, handed to the outbox."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import attempts, links
from bailiwick.access.actor import Actor
from bailiwick.access.login import living_users
from bailiwick.models.addresses import email_key
from bailiwick.outbox import enqueue_mail

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.models import User


def send_invitation(user: User, *, now: datetime) -> str:
    """Queues the letter in the caller's transaction; returns the link's path."""
    path = links.issue(user, links.INVITATION, now)
    body = _(
        "You are invited to the SD-WAN portal at %(url)s.\n\n"
        "Open this link within 72 hours and choose a password:\n\n%(url)s%(path)s\n\n"
        "The link works once. If you expected no invitation, ignore this letter."
    )
    _send(user, _("Your invitation to the SD-WAN portal"), body, path, now, purpose=links.INVITATION)
    return path


def send_reset(user: User, *, now: datetime) -> str:
    """Queues the letter in the caller's transaction; returns the link's path."""
    path = links.issue(user, links.RESET, now)
    body = _(
        "Somebody asked for a new password for %(email)s.\n\n"
        "Open this link within one hour and choose one:\n\n%(url)s%(path)s\n\n"
        "The link works once. If it was not you, ignore this letter: your password stays as it is."
    )
    _send(user, _("A new password for the SD-WAN portal"), body, path, now, purpose=links.RESET)
    return path


def send_forgotten(email: str, *, address: str, now: datetime) -> None:
    """Mails a reset link if there is such a user; a stranger cannot tell, and cannot flood anybody.

    Where a customer's users may not reset their passwords themselves, an administrator sends them the link.
    """
    from_address, to_account = attempts.address(address, purpose="forgot"), attempts.mailed(email_key(email))
    if from_address.take(now) > from_address.limit or to_account.take(now) > to_account.limit:
        return
    natives = living_users().filter(is_native=True).exclude(customer__detail__self_service_password_reset=False)
    user = natives.filter(email_key=email_key(email)).select_related("customer").first()
    if user is not None:
        with transaction.atomic():
            send_reset(user, now=now)
            stranger = Actor.stranger(email, door="web", address=address)
            audit.record(
                stranger, "PASSWORD_RESET_SENT", subject=user.email, customer=user.customer,
                partner_id=user.partner_id, category="SECURITY", at=now,
            )  # fmt: skip


def _send(user: User, subject: str, body: str, path: str, now: datetime, *, purpose: str) -> None:
    text = body % {"url": settings.PUBLIC_URL.rstrip("/"), "path": path, "email": user.email}
    key = f"letter:{sha256(path.encode()).hexdigest()}"
    about = {"user": user.pk, "purpose": purpose}
    enqueue_mail([user.email], subject=subject, body=text, key=key, now=now, about=about)
