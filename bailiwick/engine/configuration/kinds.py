"""Which kinds of objects a customer's configuration has (domain 3 and 4), in the order of the page."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Travels(Enum):
    """Whether a clone gets its copies (domain 3.1 to 3.3)."""

    ALWAYS = "always"
    ON_REQUEST = "on request"
    NEVER = "never"


class Kind(NamedTuple):
    """`single`: a customer has one of it, named like the kind. `blocker`: who has one cannot be cloned, and why.

    `ordered`: the first of them that matches is followed. `of_operator`: the operator decides, others read.
    """

    slug: str
    label: Any
    group: str
    within: str = ""
    single: bool = False
    ordered: bool = False
    of_operator: bool = False
    travels: Travels = Travels.ALWAYS
    blocker: str = ""


EDGE_SETTINGS = "edge-settings"
GROUPS = {
    "profiles": _("Profiles"),
    "segments": _("Segments"),
    "services": _("Network services"),
    "groups": _("Object groups"),
    "customer": _("Customer configuration"),
}
HUB, PARTNER_GATEWAY = "HUB_REFERENCE", "PARTNER_GATEWAY"
# What keeps a customer from being a template (domain 3.4), as the page says it.
BLOCKERS = {
    HUB: _("A profile refers to edges (hubs, clusters)."),
    PARTNER_GATEWAY: _("A profile refers to partner gateways."),
    "CLOUD_SECURITY": _("It uses cloud security services."),
    "NON_SDWAN_DESTINATION": _("It has Non SD-WAN Destinations."),
    "VNF": _("It has VNFs."),
    "AUTHENTICATION_SERVICE": _("It has authentication services."),
    "NETFLOW": _("It has NetFlow collectors or filters."),
}

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind("profile", _("Profile"), "profiles"),
        Kind("device-settings", _("Device settings"), "profiles", "profile"),
        Kind("firewall", _("Firewall"), "profiles", "profile"),
        Kind("firewall-rule", _("Firewall rule"), "profiles", "profile", ordered=True),
        Kind("business-policy", _("Business policy"), "profiles", "profile", ordered=True),
        Kind("qos", _("Quality of service"), "profiles", "profile"),
        Kind("wan", _("WAN"), "profiles", "profile"),
        Kind("analytics", _("Analytics"), "profiles", "profile"),
        Kind("properties", _("Properties"), "profiles", "profile"),
        # Its parent is the profile that the edge has; it stands on the edge's page, and goes with the edge.
        Kind(EDGE_SETTINGS, _("Edge settings"), "edges", travels=Travels.NEVER),
        Kind("segment", _("Segment"), "segments"),
        Kind("dns-service", _("DNS service"), "services"),
        Kind("private-network-name", _("Private network name"), "services"),
        Kind("cloud-security-service", _("Cloud security service"), "services", blocker="CLOUD_SECURITY"),
        Kind("non-sdwan-destination", _("Non SD-WAN Destination"), "services", blocker="NON_SDWAN_DESTINATION"),
        Kind("vnf", _("Security VNF"), "services", blocker="VNF"),
        Kind("authentication-service", _("Authentication service"), "services", blocker="AUTHENTICATION_SERVICE"),
        Kind("netflow-collector", _("NetFlow collector"), "services", blocker="NETFLOW"),
        Kind("netflow-filter", _("NetFlow filter"), "services", blocker="NETFLOW"),
        Kind("address-group", _("Address group"), "groups"),
        Kind("port-group", _("Port group"), "groups"),
        Kind("capabilities", _("Capabilities"), "customer", single=True, of_operator=True),
        Kind("limits", _("Limits"), "customer", single=True, of_operator=True),
        Kind("security-policy", _("Security policy"), "customer", single=True, travels=Travels.ON_REQUEST),
        Kind("alert-configuration", _("Alert configuration"), "customer", single=True, travels=Travels.ON_REQUEST),
        Kind("routing-preferences", _("Routing preferences"), "customer", single=True, travels=Travels.ON_REQUEST),
        Kind(
            "cost-calculation", _("Cost calculation"), "customer", single=True, of_operator=True, travels=Travels.NEVER
        ),
    )
}

# What an edge may say otherwise than its profile.
MODULES = tuple(kind.slug for kind in KINDS.values() if kind.within == "profile" and not kind.ordered)
