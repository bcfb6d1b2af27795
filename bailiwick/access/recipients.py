"""Whom of a customer a support mail may reach: its contact, and those administrators whom the sender may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q

from bailiwick.access.confirmations import is_confirmed, signed_up
from bailiwick.models import Customer, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


class Recipient(NamedTuple):
    """An address of the customer, and whether it is known that somebody reads there."""

    email: str
    is_confirmed: bool


def _administrators(actor: Actor) -> QuerySet[User]:
    """Operators know the users of a customer only where it leaves their management to them (domain 8.4)."""
    active = User.objects.filter(level="customer", role="customer-superuser", is_active=True, deleted_at=None)
    return active.filter(customer__operator_user_management=True) if actor.is_operator else active


def has_nobody(actor: Actor) -> Q:
    """The customer has neither a contact e-mail nor such an administrator."""
    return Q(detail__contact_email="") & ~Q(Exists(_administrators(actor).filter(customer_id=OuterRef("pk"))))


def has_nobody_confirmed(actor: Actor) -> Q:
    """Nobody is known to read at any of its addresses."""
    signed = _administrators(actor).filter(signed_up(), customer_id=OuterRef("pk"))
    return ~(~Q(detail__contact_email="") & is_confirmed()) & ~Q(Exists(signed))


def is_address_of(actor: Actor, address: str) -> Q:
    """The address is one of the customer's."""
    administrator = _administrators(actor).filter(customer_id=OuterRef("pk"), email=address)
    return Q(detail__contact_email=address) | Q(Exists(administrator))


def is_read(actor: Actor, address: str) -> Q:
    """It is known that somebody of the customer reads there."""
    signed = _administrators(actor).filter(signed_up(), customer_id=OuterRef("pk"), email=address)
    return (Q(detail__contact_email=address) & is_confirmed()) | Q(Exists(signed))


def recipients_of(actor: Actor, customer: Customer) -> list[Recipient]:
    """The contact first, then the administrators, each once."""
    contact = customer.detail.contact_email
    known = Customer.objects.filter(is_confirmed(), pk=customer.pk)
    found = {contact: known.exists()} if contact else {}
    administrators = _administrators(actor).filter(customer_id=customer.pk).order_by("email_key")
    for email, last in administrators.values_list("email", "last_login"):
        found[email] = found.get(email, False) or last is not None
    return [Recipient(email, read) for email, read in found.items()]
