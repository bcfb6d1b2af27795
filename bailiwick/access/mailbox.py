"""Letters as operators read them: who may not see a user reads neither its address nor the link that lets it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, BooleanField, Case, Exists, OuterRef, Q, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext as _

from bailiwick.access.links import INVITATION
from bailiwick.access.scope import open_customers_for, users_for
from bailiwick.models import OutboxMessage, User
from bailiwick.outbox import text_of
from bailiwick.seal import Unreadable

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def mailbox_for(actor: Actor) -> QuerySet[OutboxMessage]:
    """The mails of the installation with `address` and `title`; the page asks for its own permission.

    A link is its user's: whoever follows it is that user. Where operators do not manage a customer's users
    (domain 8.4) they read the invitation of its first administrator, whom they or its partner named, and no other.
    """
    if not actor.is_operator:
        return OutboxMessage.objects.none()
    mails = OutboxMessage.objects.filter(kind="mail").annotate(
        user=Cast(KT("payload__user"), BigIntegerField()),
        customer=Cast(KT("payload__customer"), BigIntegerField()),
        purpose=KT("payload__purpose"),
        to=Lower(KT("payload__to")),
    )
    return mails.annotate(
        is_open=_is_open(actor),
        address=_told(Q(is_open=True), "to", _("a user whom you may not see")),
        title=_told(Q(is_open=True) | Q(user__isnull=False), "subject", _("A message")),
        sealed=_told(Q(is_open=True), "sealed", ""),
    ).defer("payload")


def read(mail: Any) -> str:
    """The text of a mail of `mailbox_for`: nothing where it is not for this reader, was sent, or cannot be read."""
    try:
        return text_of({"to": mail.address, "sealed": mail.sealed}) if mail.sealed else ""
    except Unreadable:
        return ""


def _is_open(actor: Actor) -> Case:
    """A letter is about its user; any other mail about its customer, and about whoever has the address."""
    of_user = Q(Exists(users_for(actor).filter(pk=OuterRef("user")))) | (Q(purpose=INVITATION) & Q(Exists(_first())))
    of_customer = Q(customer=None) | Exists(open_customers_for(actor).filter(pk=OuterRef("customer")))
    known = Exists(users_for(actor).filter(email_key=OuterRef("to")))
    unseen = Exists(User.objects.filter(email_key=OuterRef("to"))) & ~known
    return Case(
        When(user__isnull=False, then=of_user), default=Q(of_customer) & ~Q(unseen), output_field=BooleanField()
    )


def _first() -> QuerySet[User]:
    """The first user of a customer that lets operators in."""
    earlier = User.objects.filter(customer_id=OuterRef("customer_id"), pk__lt=OuterRef("pk"))
    open_homes = User.objects.filter(customer__operator_access=True, customer__deleted_at=None, deleted_at=None)
    return open_homes.filter(~Exists(earlier), pk=OuterRef("user"))


def _told(condition: Q, part: str, veiled: str) -> Case:
    return Case(When(condition, then=KT(f"payload__{part}")), default=Value(veiled), output_field=TextField())
