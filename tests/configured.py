"""A customer with a configuration: one object of each kind that may travel, and what hinders cloning, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.engine.configuration.keep import Draft, create
from bailiwick.engine.configuration.kinds import KINDS
from tests.world import NOW

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import ConfigurationObject, Customer

EMPTY: dict[str, Any] = {}
DNS = {"type": "PRIVATE", "servers": ["10.0.0.53"], "domains": ["corp.example"]}
ALERTS = {"edge_down_minutes": 7, "recipients": ["noc@contoso.example"]}
SECURITY = {"encryption": "AES_256_GCM", "dh_group": 16}
ROUTING = {"preferred_exits": ["HUB", "EDGE"]}


def add(actor: Actor, customer: Customer, kind: str, body: Any = EMPTY, **more: Any) -> int:
    """Adds an object; gives its id."""
    draft = Draft(more.pop("name", kind.title()), body, **more)
    return create(actor, customer.pk, KINDS[kind], draft, now=NOW).local_id


def furnish(actor: Actor, customer: Customer) -> dict[str, int]:
    """All that a clone copies, and what it copies on request, and what it never copies."""
    made = {
        "segment": add(actor, customer, "segment", {"type": "CDE", "service_vlan": 20}, name="Cards"),
        "dns-service": add(actor, customer, "dns-service", DNS),
        "private-network-name": add(actor, customer, "private-network-name", name="Lab"),
        "address-group": add(actor, customer, "address-group", {"addresses": [{"address": "10.1.0.0", "prefix": 16}]}),
        "port-group": add(actor, customer, "port-group", {"ranges": [{"protocol": "TCP", "from": 443}]}),
        "capabilities": add(actor, customer, "capabilities", {"firewall_logging": True}),
        "security-policy": add(actor, customer, "security-policy", SECURITY),
        "alert-configuration": add(actor, customer, "alert-configuration", ALERTS),
        "routing-preferences": add(actor, customer, "routing-preferences", ROUTING),
        "cost-calculation": add(actor, customer, "cost-calculation", {"distributed": True}),
        "profile": add(actor, customer, "profile", name="Branch"),
    }
    settings = {"segments": [{"segment": made["segment"], "dns_service": made["dns-service"]}]}
    part = {"parent_id": made["profile"]}
    made["device-settings"] = add(actor, customer, "device-settings", settings, **part)
    rule = {"match": {"source_group": made["address-group"], "destination_ports": made["port-group"]}, "action": "DENY"}
    made["firewall-rule"] = add(actor, customer, "firewall-rule", rule, position=3, **part)
    return made


def said(customer_id: int) -> list[tuple[Any, ...]]:
    """Everything that the configuration says, and who names whom."""
    from bailiwick.models import ConfigurationObject, ConfigurationReference

    objects = ConfigurationObject.objects.filter(customer_id=customer_id).order_by("local_id")
    columns = ("local_id", "kind", "parent_id", "name", "name_key", "position", "body", "blocker")
    references = ConfigurationReference.objects.filter(customer_id=customer_id).order_by("from_id", "to_id")
    return [*objects.values_list(*columns), *references.values_list("from_id", "to_id")]


def one(customer: Customer, kind: str) -> ConfigurationObject:
    """The only object of the kind."""
    from bailiwick.models import ConfigurationObject

    return ConfigurationObject.objects.get(customer_id=customer.pk, kind=kind)
