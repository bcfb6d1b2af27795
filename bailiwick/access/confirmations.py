"""Whether somebody reads mails at a customer's contact address: asked by a link that works once (issue 3)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access import attempts
from bailiwick.access.actor import Actor
from bailiwick.access.permissions import Permission
from bailiwick.access.secret import DeadLink, hash_of
from bailiwick.models import Confirmation, User
from bailiwick.models.addresses import email_key
from bailiwick.outbox import enqueue_mail

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.models import Customer

LIFE = timedelta(hours=72)
PURPOSE = "confirmation"


class Contact(NamedTuple):
    """What is known of a contact address."""

    email: str
    is_confirmed: bool
    asked_at: datetime | None

    @property
    def state(self) -> Literal["none", "unconfirmed", "waiting", "confirmed"]:
        """In one word, for scripts."""
        if self.is_confirmed or not self.email:
            return "confirmed" if self.email else "none"
        return "waiting" if self.asked_at else "unconfirmed"


def is_confirmed() -> Q:
    """Customers at whose contact address somebody reads: he followed our link, or signs in with this address."""
    followed = Confirmation.objects.filter(
        customer_id=OuterRef("pk"), email=OuterRef("detail__contact_email"), confirmed_at__isnull=False
    )
    users = User.objects.filter(customer_id=OuterRef("pk"), email=OuterRef("detail__contact_email"))
    return Q(Exists(followed)) | Q(Exists(users.filter(signed_up())))


def signed_up() -> Q:
    """Users who came in by what was mailed to them, or whom their identity provider vouched for."""
    return Q(is_active=True, deleted_at=None, last_login__isnull=False)


def contact_of(customer: Customer, rows: QuerySet[Customer]) -> Contact:
    """What is known of the contact address of a customer, one of these rows."""
    email = customer.detail.contact_email
    sent = Confirmation.objects.filter(customer_id=customer.pk, email=email).order_by("-pk").first()
    confirmed = bool(email) and rows.filter(is_confirmed(), pk=customer.pk).exists()
    return Contact(email, confirmed, sent.created_at if sent else None)


def ask(actor: Actor, customer: Customer, *, now: datetime) -> bool:
    """Queues a letter with a new link; earlier ones die. Says whether it does: nobody is flooded (three a quarter)."""
    email = customer.detail.contact_email
    budget = attempts.confirming(email_key(email))
    if not email or budget.take(now) > budget.limit:
        return False
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        Confirmation.objects.filter(customer_id=customer.pk, confirmed_at=None).delete()
        Confirmation.objects.create(
            customer_id=customer.pk, partner_id=customer.partner_id, email=email, secret_hash=hash_of(secret),
            created_at=now, expires_at=now + LIFE,
        )  # fmt: skip
        _write(customer, email, f"/confirm-address/{secret}", now)
        _record(actor, "SEND_ADDRESS_CONFIRMATION", customer, email, now)
    return True


def ask_again(actor: Actor, customer: Customer, *, now: datetime) -> None:
    """As somebody wishes. Raises NotAllowed, ValidationError."""
    actor.require(Permission.CUSTOMER_UPDATE_CONTACT)
    if not customer.detail.contact_email:
        raise ValidationError(_("This customer has no contact e-mail."), code="no_recipient")
    if not ask(actor, customer, now=now):
        message = _("Three letters went to this address within 15 minutes. Wait for them, then send again.")
        raise ValidationError(message, code="too_many")


def find(secret: str, now: datetime) -> Confirmation:
    """Returns the living link, without using it up. Raises DeadLink."""
    found = _living(secret, now).select_related("customer").first()
    if found is None:
        raise DeadLink
    return found


def confirm(secret: str, *, address: str, now: datetime) -> None:
    """Uses the link up: of any number at once, one wins. Raises DeadLink."""
    found = find(secret, now)
    with transaction.atomic():
        if not Confirmation.objects.filter(pk=found.pk, confirmed_at=None).update(confirmed_at=now):
            raise DeadLink
        reader = Actor.stranger(found.email, door="web", address=address)
        _record(reader, "CONFIRM_ADDRESS", found.customer, found.email, now)


def _living(secret: str, now: datetime) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(
        secret_hash=hash_of(secret), confirmed_at=None, expires_at__gt=now, customer__deleted_at=None,
        customer__detail__contact_email=F("email"),
    )  # fmt: skip


def _write(customer: Customer, email: str, path: str, now: datetime) -> None:
    body = _(
        "The SD-WAN portal at %(url)s has this address as the contact of %(customer)s.\n\n"
        "Open this link within 72 hours and press the button, so that support mails reach you:\n\n%(url)s%(path)s\n\n"
        "The link works once. If you know nothing of it, ignore this letter: nothing else is sent."
    ) % {"url": settings.PUBLIC_URL.rstrip("/"), "path": path, "customer": " ".join(customer.name.split())}
    key = f"letter:{hash_of(path)}"
    about = {"customer": customer.pk, "purpose": PURPOSE}
    enqueue_mail([email], subject=_("Confirm your address"), body=body, key=key, now=now, about=about)


def _record(actor: Actor, name: str, customer: Customer, email: str, now: datetime) -> None:
    audit.record(
        actor, name, subject=customer.name, customer=customer, after={"contact_email": email}, category="ENTERPRISE",
        at=now,
    )  # fmt: skip
