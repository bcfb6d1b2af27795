"""Who must have a second factor, who has one, and who still owes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.actor import NotAllowed
from bailiwick.access.homes import permission
from bailiwick.access.properties import BY_NAME, property_value
from bailiwick.models import Customer, CustomerDetail, Factor, Partner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import User

PROPERTY = "session.options.requireSecondFactor."


def kinds(user: User) -> frozenset[str]:
    """`app`, `passkey`, both or none."""
    return frozenset(Factor.objects.filter(user=user).values_list("kind", flat=True))


def holders(users: Iterable[User]) -> frozenset[int]:
    """Which of these users have a second factor: one query for a whole page."""
    ids = [user.pk for user in users]
    return frozenset(Factor.objects.filter(user_id__in=ids).values_list("user_id", flat=True))


def is_required(user: User, *, known: Mapping[str, Any] | None = None) -> bool:
    """Whether the installation or the user's home asks for one; of whom a provider signs in, the provider does."""
    if not user.is_native:
        return False
    name = PROPERTY + user.level
    if property_value(name) if known is None else known.get(name, BY_NAME[name].default):
        return True
    if user.level == "partner":
        return Partner.objects.filter(pk=user.partner_id or 0, two_factor_required=True).exists()
    if user.level == "customer":
        return CustomerDetail.objects.filter(customer_id=user.customer_id or 0, two_factor_required=True).exists()
    return False


def is_invited(user: User, customer: Customer) -> bool:
    """Whether the customer's own user has no second factor yet, and the customer offers one (domain 5.1)."""
    is_own = user.level == "customer" and user.customer_id == customer.pk and user.is_native
    return is_own and customer.detail.two_factor_enabled and not kinds(user)


def asked_by(actor: Actor) -> bool:
    """Whether the actor's own home makes it compulsory."""
    if actor.level == "partner":
        return Partner.objects.filter(pk=actor.partner_id or 0, two_factor_required=True).exists()
    if actor.level == "customer":
        return CustomerDetail.objects.filter(customer_id=actor.customer_id or 0, two_factor_required=True).exists()
    return bool(property_value(PROPERTY + actor.level))


def ask(actor: Actor, *, required: bool, now: datetime) -> None:
    """Makes it compulsory for the actor's own home, or leaves it to each user."""
    actor.require(permission(actor.level, "sign-on"))
    if actor.is_operator:
        raise NotAllowed(_("For operators this is a system property."), code="system_property")
    with transaction.atomic():
        if actor.level == "partner":
            rows: Any = Partner.objects.filter(pk=actor.partner_id or 0)
        else:
            rows = CustomerDetail.objects.filter(customer_id=actor.customer_id or 0)
        if not rows.filter(two_factor_required=not required).update(two_factor_required=required):
            return
        customer = Customer.objects.filter(pk=actor.customer_id or 0).first()
        audit.record(
            actor, "REQUIRE_SECOND_FACTOR", subject=actor.name, customer=customer, partner_id=actor.partner_id,
            before={"two_factor_required": not required}, after={"two_factor_required": required},
            category="SECURITY", at=now,
        )  # fmt: skip


def is_owed(user: User, session: Any) -> bool:
    """Whether this session may do nothing yet but enrol; an operator's costs no query, nor does a proved one."""
    return not session.get("factor") and is_required(user, known=session.properties)


def require(user: User) -> None:
    """Raises NotAllowed for a user who must have a second factor and has none."""
    if is_required(user) and not kinds(user):
        raise NotAllowed(_("Set up your second factor first: My account, Second factor."), code="second_factor_owed")
