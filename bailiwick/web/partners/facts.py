"""A partner in words, for those who may read it and not change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from bailiwick.access.scope import pools_of, profiles_of
from bailiwick.engine.forms.fields import DomainField, EmailField
from bailiwick.engine.forms.places import country_name

if TYPE_CHECKING:
    from bailiwick.models import Partner


def facts(partner: Partner) -> list[tuple[str, object]]:
    """Label and value."""
    street = ", ".join(part for part in (partner.street, partner.street_2) if part)
    city = " ".join(part for part in (partner.postcode, partner.city, partner.state) if part)
    return [
        (_("Name"), partner.name),
        (_("Domain"), DomainField().prepare_value(partner.domain)),
        (_("Logical id"), partner.logical_id),
        (_("Gateway pools"), ", ".join(str(pool) for pool in pools_of(partner.pk).order_by("name_key"))),
        (_("Operator profiles"), ", ".join(str(each) for each in profiles_of(partner.pk).order_by("name_key"))),
        (_("Operator support access"), _("on") if partner.operator_access else _("off")),
        (_("Manages gateways"), _("on") if partner.operate_gateways else _("off")),
        (_("Edge Image Management"), _("on") if partner.edge_image_management else _("off")),
        (_("Contact"), partner.contact_name),
        (_("E-mail"), EmailField().prepare_value(partner.contact_email)),
        (_("Phone"), partner.contact_phone),
        (_("Address"), ", ".join(part for part in (street, city, country_name(partner.country)) if part)),
    ]
