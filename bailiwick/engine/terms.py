"""On what terms a customer goes to a partner, and which customers the partner cannot have on them (domain 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db.models import Exists, OuterRef, Q

from bailiwick.access.scope import pools_of, profiles_of
from bailiwick.models import BastionState, CustomerProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSTAGED = (BastionState.UNCONFIGURED, BastionState.UNSTAGED)


class Terms(NamedTuple):
    """What the operator said when it gave or offered the customer; the names are columns of an offer."""

    partner_access: bool
    operator_access: bool | None
    missing_pool: str
    gateway_pool_id: int | None
    add_profiles: bool
    from_partner: bool

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """From the form of Transfer to Partner."""
        chosen = params["operator_access"]
        moves = params["missing_pool"] == "move"
        return cls(
            partner_access=params["partner_access"],
            operator_access=None if chosen == "keep" else chosen == "true",
            missing_pool=params["missing_pool"],
            gateway_pool_id=params["gateway_pool"].pk if moves else None,
            add_profiles=params["add_profiles"],
            from_partner=params["from_partner"],
        )

    @property
    def delegations(self) -> dict[str, Any]:
        """Which accesses change; the operator's may stay as it is."""
        given = {"partner_access": self.partner_access}
        return given if self.operator_access is None else {**given, "operator_access": self.operator_access}


def lacks_pool(partner_id: int) -> Q:
    """Customers in a pool that the partner may not give."""
    return Q(~Exists(pools_of(partner_id).filter(pk=OuterRef("gateway_pool_id"))))


def others_pool(partner_id: int) -> Q:
    """Customers in a pool that is another partner's own."""
    return Q(gateway_pool__partner_id__isnull=False) & ~Q(gateway_pool__partner_id=partner_id)


def lacks_profile(partner_id: int) -> Q:
    """Customers with a profile that the partner may not pass on: their default, or one that they may choose."""
    assigned = CustomerProfile.objects.filter(customer_id=OuterRef("pk"))
    default = Q(~Exists(profiles_of(partner_id).filter(pk=OuterRef("operator_profile_id"))))
    return default | Q(Exists(assigned.exclude(operator_profile__in=profiles_of(partner_id))))


def is_staged() -> Q:
    """Customers that the bastion holds or is about to hold."""
    return ~Q(bastion_state__in=UNSTAGED)


def withdrew_partner() -> Q:
    """Customers that shut a partner out themselves: leaving that partner and coming to one again changes nothing."""
    return Q(withdrew_partner=True, partner_access=False)


def withdrew_operator() -> Q:
    """Customers that do not let operators in: only they or their partner change that, never the terms of a transfer."""
    return Q(operator_access=False)
