"""Opening one customer's or partner's pages: whoever may see the row, unless that side's access was withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed
from bailiwick.access.scope import customers_for, partners_for

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, Partner


def open_customer(actor: Actor, customer_id: int) -> Customer:
    """Returns the customer with its facts. Raises Customer.DoesNotExist, or NotAllowed where access was withdrawn."""
    related = ("partner", "gateway_pool", "operator_profile__image", "detail", "stat")
    customer = customers_for(actor).select_related(*related).get(pk=customer_id)
    if actor.is_operator and not customer.operator_access:
        raise NotAllowed(
            _("%(customer)s has withdrawn operator access. Only the customer itself or its partner can give it back.")
            % {"customer": customer.name},
            code="operator_access_withdrawn",
        )
    if actor.level == "partner" and not customer.partner_access:
        raise NotAllowed(
            _("%(customer)s has not given its partner access. Only the customer itself can give it.")
            % {"customer": customer.name},
            code="partner_access_withdrawn",
        )
    return customer


def open_partner(actor: Actor, partner_id: int) -> Partner:
    """Returns the partner. Raises Partner.DoesNotExist, or NotAllowed where it withdrew the operator's access."""
    partner = partners_for(actor).get(pk=partner_id)
    if actor.is_operator and not partner.operator_access:
        raise NotAllowed(
            _("%(partner)s has withdrawn operator access. Only the partner itself can give it back.")
            % {"partner": partner.name},
            code="operator_access_withdrawn",
        )
    return partner
