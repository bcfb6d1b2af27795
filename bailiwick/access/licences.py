"""Which types of licences an actor may give: the operator all, a partner those that it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.models import LicenceType, PartnerLicence

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def licence_types_for(actor: Actor) -> QuerySet[LicenceType]:
    """In no order yet; a customer's own users give none."""
    if actor.is_operator:
        return LicenceType.objects.all()
    if actor.level != "partner":
        return LicenceType.objects.none()
    granted = PartnerLicence.objects.filter(partner_id=actor.partner_id or 0).values("licence_type_id")
    return LicenceType.objects.filter(pk__in=granted)
