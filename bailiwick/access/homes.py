"""Whose users: the operators' team, a partner's staff or a customer's administrators, and who may look after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed
from bailiwick.access.opening import open_customer
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for, partners_for, users_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, Partner, User


@dataclass(frozen=True, slots=True)
class Home:
    """Where users belong to: all of them sign in to the same portal and see the same rows."""

    level: str
    partner: Partner | None = None
    customer: Customer | None = None

    @property
    def partner_id(self) -> int | None:
        """The partner that its rows carry."""
        return self.customer.partner_id if self.customer else self.partner.pk if self.partner else None

    @property
    def customer_id(self) -> int | None:
        """The customer that its rows carry."""
        return self.customer.pk if self.customer else None

    @property
    def name(self) -> str:
        """What the home is called; the operators' has no name."""
        return str(self.customer or self.partner or "")

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that tell its users and roles apart; a customer's partner is only a copy."""
        if self.level == "customer":
            return {"level": self.level, "customer_id": self.customer_id}
        return {"level": self.level} | ({"partner_id": self.partner_id} if self.level == "partner" else {})

    def users(self, actor: Actor) -> QuerySet[User]:
        """Its users, as far as the actor may see them."""
        return users_for(actor).filter(**self.columns)


def permission(level: str, verb: str) -> Permission:
    """The permission to do something to users of a level; `role`, `sign-on` and `token` are resources of their own."""
    return Permission(f"{level}-{verb}.manage" if verb in ("role", "sign-on", "token") else f"{level}-user.{verb}")


def own(actor: Actor) -> Home:
    """The actor's own home."""
    if actor.level == "partner":
        return Home("partner", partner=partners_for(actor).get(pk=actor.partner_id or 0))
    if actor.level == "customer":
        return Home("customer", customer=customers_for(actor).get(pk=actor.customer_id or 0))
    return Home("operator")


def name_of(actor: Actor) -> str:
    """What the actor's own home is called, in one question; the operators' has no name."""
    if actor.is_operator:
        return ""
    rows = partners_for(actor) if actor.level == "partner" else customers_for(actor)
    mine = actor.partner_id if actor.level == "partner" else actor.customer_id
    return rows.filter(pk=mine or 0).values_list("name", flat=True).first() or ""


def find(actor: Actor, *, partner: int | None = None, customer: int | None = None) -> Home:
    """The home asked for, or the actor's own; of both, the partner must be the customer's.

    Raises ObjectDoesNotExist, or NotAllowed with who closed it.
    """
    if customer is not None:
        found = _of_customer(actor, customer)
        if partner not in (None, found.partner_id):
            raise ObjectDoesNotExist
        return found
    if partner is not None:
        return _of_partner(actor, partner)
    return own(actor)


def home_of(user: User) -> Home:
    """Where the user belongs to."""
    is_customers = user.level == "customer"
    return Home(user.level, partner=None if is_customers else user.partner, customer=user.customer)


def _of_partner(actor: Actor, partner_id: int) -> Home:
    partner = partners_for(actor).get(pk=partner_id)
    if actor.is_operator and not partner.operator_access:
        message = _("%(partner)s has withdrawn operator access. Only the partner itself can give it back.")
        raise NotAllowed(message % {"partner": partner.name}, code="operator_access_withdrawn")
    return Home("partner", partner=partner)


def _of_customer(actor: Actor, customer_id: int) -> Home:
    customer = open_customer(actor, customer_id)
    if actor.is_operator and not customer.operator_user_management:
        message = _("%(customer)s manages its users itself. It can let operators do so in its system settings.")
        raise NotAllowed(message % {"customer": customer.name}, code="user_management_withdrawn")
    return Home("customer", customer=customer)
