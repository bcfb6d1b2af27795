"""The licence of an edge: one that its customer has (domain 14.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access.permissions import Permission
from bailiwick.access.properties import value_for
from bailiwick.access.scope import open_customers_for
from bailiwick.engine import licences
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet.edges import locked, record
from bailiwick.models import Edge

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, LicenceType

SWITCH = "session.options.enableEdgeLicensing"


def licence_of(actor: Actor, customer: Customer, chosen: LicenceType | None) -> LicenceType | None:
    """What a new edge has: the only one of its customer without a choice. Raises InvalidParams."""
    # Whoever takes licences away locks the customer too.
    list(open_customers_for(actor).select_for_update(of=("self",), no_key=True).filter(pk=customer.pk))
    held = licences.of_customer(customer)
    if chosen is not None and chosen not in held:
        raise InvalidParams.one("licence", "licence_not_held", _("This customer has no such licence."))
    if chosen is None and len(held) > 1 and value_for(actor, SWITCH):
        names = ", ".join(each.name for each in held)
        message = _("Choose one of the customer's licences: %(names)s.") % {"names": names}
        raise InvalidParams.one("licence", "licence_required", message)
    return chosen or (held[0] if len(held) == 1 else None)


def give_licence(actor: Actor, edge_id: int, chosen: LicenceType, *, now: datetime) -> Edge:
    """Another one for an edge. Raises Edge.DoesNotExist, NotAllowed, InvalidParams."""
    actor.require(Permission.EDGE_UPDATE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        given, before = licence_of(actor, edge.customer, chosen), edge.licence_type
        if given != before:
            Edge.objects.filter(pk=edge.pk).update(licence_type=given)
            told = {"licence_type": str(before)} if before else {}
            record(actor, "EDGE_UPDATE_ATTRIBUTES", edge, now, before=told, after={"licence_type": str(given)})
            edge.refresh_from_db()
    return edge
