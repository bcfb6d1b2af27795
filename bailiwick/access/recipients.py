"""Whom of a customer a support mail may reach: its contact, and those administrators whom the sender may know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from bailiwick.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer


def _administrators(actor: Actor) -> QuerySet[User]:
    """Operators know the users of a customer only where it leaves their management to them (domain 8.4)."""
    active = User.objects.filter(level="customer", role="customer-superuser", is_active=True, deleted_at=None)
    return active.filter(customer__operator_user_management=True) if actor.is_operator else active


def has_nobody(actor: Actor) -> Q:
    """The customer has neither a contact e-mail nor such an administrator."""
    return Q(detail__contact_email="") & ~Q(Exists(_administrators(actor).filter(customer_id=OuterRef("pk"))))


def is_address_of(actor: Actor, address: str) -> Q:
    """The address is one of the customer's."""
    administrator = _administrators(actor).filter(customer_id=OuterRef("pk"), email=address)
    return Q(detail__contact_email=address) | Q(Exists(administrator))


def addresses_of(actor: Actor, customer: Customer) -> list[str]:
    """The contact first, then the administrators, each once."""
    active = _administrators(actor).filter(customer_id=customer.pk).order_by("email_key")
    found = [customer.detail.contact_email, *active.values_list("email", flat=True)]
    return list(dict.fromkeys(address for address in found if address))
