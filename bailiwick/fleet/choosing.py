"""The software of an edge: one that its customer may choose, or its customer's default (domain 10.1, 10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from bailiwick.access.scope import open_customers_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.profiles import to_choose

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, Edge, OperatorProfile

FIELD = "operator_profile"


def why_closed(actor: Actor, customer: Customer) -> str:
    """Why nobody chooses for this customer's edges; empty where somebody may."""
    if customer.edge_image_management:
        return ""
    if actor.level == "customer":
        return _("Edge Image Management is off: ask who runs your network for other software.")
    return _("Edge Image Management is off: activate it first.")


def offered(customer: Customer) -> list[OperatorProfile]:
    """What an edge of the customer may get now; none whose software image is deprecated (domain 10.2)."""
    return [profile for profile in to_choose(customer) if not (profile.image and profile.image.deprecated)]


def require_choosable(actor: Actor, edge: Edge, chosen: OperatorProfile | None) -> None:
    """Raises InvalidParams where the edge cannot have it. What the edge has already is no choice."""
    # Whoever takes profiles away, or switches the management off, locks the customer too.
    held = open_customers_for(actor).select_related("operator_profile__image").filter(pk=edge.customer_id)
    customer = held.select_for_update(of=("self",), no_key=True).get()
    if (chosen.pk if chosen else None) == edge.operator_profile_id:
        return
    why = why_closed(actor, customer)
    # Going back to the default is no choice; who put the edge on other software may undo it.
    if why and (chosen is not None or actor.level == "customer"):
        raise InvalidParams.one(FIELD, "image_management_off", why)
    if chosen is not None:
        _require_offered(customer, chosen)


def _require_offered(customer: Customer, chosen: OperatorProfile) -> None:
    if chosen not in to_choose(customer):
        message = _("This customer may not choose this operator profile: assign it first.")
        raise InvalidParams.one(FIELD, "profile_not_assigned", message)
    if chosen not in offered(customer):
        raise InvalidParams.one(FIELD, "image_deprecated", _("The software image of this profile is deprecated."))
