"""Which operator profiles customers of an actor's portal have: an edge may have one of its own customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from bailiwick.access.scope import customers_for
from bailiwick.models import CustomerProfile, OperatorProfile

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def profiles_held(actor: Actor) -> QuerySet[OperatorProfile]:
    """The defaults of his customers, and what was assigned to them besides (domain 10.3)."""
    home = customers_for(actor)
    besides = CustomerProfile.objects.filter(customer__in=home).values("operator_profile_id")
    return OperatorProfile.objects.filter(Q(pk__in=home.values("operator_profile_id")) | Q(pk__in=besides))
