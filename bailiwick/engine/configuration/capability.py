"""A capability that is in use is not turned off: who uses it is named (domain 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from bailiwick.engine.configuration.kinds import EDGE_SETTINGS
from bailiwick.engine.configuration.schema import Fault, schema_of
from bailiwick.models import ConfigurationObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bailiwick.models import Customer

NAMED = 5


def _module(module: str, said: Mapping[str, Any]) -> Q:
    """Modules of profiles that say this, and edges that say it themselves."""
    return Q(kind=module, body__contains=said) | Q(kind=EDGE_SETTINGS, body__contains={module: said})


USES = {
    "firewall_logging": _module("firewall", {"logging": True}) | Q(kind="firewall-rule", body__contains={"log": True}),
    "stateful_firewall": _module("firewall", {"stateful": True}),
    # One segment, the global one, is there without segmentation.
    "segmentation": Q(kind="segment"),
    "vnf_palo_alto": Q(kind="vnf", body__contains={"vendor": "PALO_ALTO"}),
    "vnf_check_point": Q(kind="vnf", body__contains={"vendor": "CHECK_POINT"}),
    "vnf_fortinet": Q(kind="vnf", body__contains={"vendor": "FORTINET"}),
}


def in_use(customer: Customer, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Fault]:
    """Each capability that the new values turn off though something uses it."""
    usual = {name: inner["default"] for name, inner in schema_of("capabilities")["properties"].items()}
    for name, uses in USES.items():
        if old.get(name, usual[name]) and not new.get(name, usual[name]):
            mine = ConfigurationObject.objects.filter(uses, customer_id=customer.pk).order_by("local_id")
            users = list(mine.values_list("name", flat=True)[:NAMED])
            if len(users) > (name == "segmentation"):
                yield Fault(f"/{name}", "in_use", _("Used by %(names)s.") % {"names": ", ".join(users)})
