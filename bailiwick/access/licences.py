"""Which types of licences an actor may give, and which his customers have for their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for
from bailiwick.models import CustomerLicence, LicenceType, PartnerLicence

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def licence_types_for(actor: Actor) -> QuerySet[LicenceType]:
    """The operator all, a partner those that it was given; a customer's own users give none."""
    if actor.is_operator:
        return LicenceType.objects.all()
    if actor.level != "partner":
        return LicenceType.objects.none()
    granted = PartnerLicence.objects.filter(partner_id=actor.partner_id or 0).values("licence_type_id")
    return LicenceType.objects.filter(pk__in=granted)


def licence_types_read(actor: Actor) -> QuerySet[LicenceType]:
    """Those that he may give; a customer's own users those that their edges may have. Raises NotAllowed."""
    if actor.level == "customer":
        actor.require(Permission.CUSTOMER_READ)
        return licence_types_held(actor)
    actor.require(Permission.LICENCE_READ)
    return licence_types_for(actor)


def licence_types_held(actor: Actor) -> QuerySet[LicenceType]:
    """Those that a customer of the actor's portal has: an edge of that customer may have them."""
    held = CustomerLicence.objects.filter(customer__in=customers_for(actor)).values("licence_type_id")
    return LicenceType.objects.filter(pk__in=held)
