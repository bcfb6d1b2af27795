"""How pages say what a gateway is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from bailiwick.models import Gateway

# The look of the dot, and the word beside it.
LOOKS = {
    "CONNECTED": ("up", _("connected")),
    "DEGRADED": ("degraded", _("degraded")),
    "OFFLINE": ("down", _("offline")),
    "NEVER_ACTIVATED": ("idle", _("not activated")),
    "DISABLED": ("idle", _("deactivated")),
    "QUIESCED": ("degraded", _("quiesced")),
    "OUT_OF_SERVICE": ("idle", _("out of service")),
}
STATES = {
    "IN_SERVICE": _("In service"),
    "PENDING_SERVICE": _("Pending service"),
    "OUT_OF_SERVICE": _("Out of service"),
    "QUIESCED": _("Quiesced"),
}
ROLES = {
    "DATA_PLANE": _("Data plane"),
    "CONTROL_PLANE": _("Control plane"),
    "VPN_TUNNEL": _("Secure VPN"),
    "ON_PREMISE": _("Partner gateway"),
    "CDE": _("Cardholder data"),
    "CWS": _("Cloud web security"),
    "CCI": _("Cloud-to-cloud interconnect"),
}
# In a list, where each word costs width.
SHORT = {
    "DATA_PLANE": _("data"),
    "CONTROL_PLANE": _("control"),
    "VPN_TUNNEL": _("VPN"),
    "ON_PREMISE": _("partner"),
    "CDE": "CDE",
    "CWS": "CWS",
    "CCI": "CCI",
}
ACTIVATIONS = {
    "UNASSIGNED": _("Known by its address"),
    "PENDING": _("Pending"),
    "ACTIVATED": _("Activated"),
    "REACTIVATION_PENDING": _("Reactivation pending"),
}
HAND_OFFS = {"NONE": _("not allowed"), "ALLOW": _("allowed"), "ONLY": _("exclusively")}


def told(row: Gateway) -> dict[str, Any]:
    """What a list and the page of one say first."""
    look, state = LOOKS[row.shown_state]
    return {
        "row": row,
        "look": look,
        "shown": state,
        "service": STATES[row.state],
        "activation": ACTIVATIONS[row.activation_state],
        "roles": ", ".join(str(ROLES[role]) for role in row.roles),
        "short_roles": ", ".join(str(SHORT[role]) for role in row.roles),
        "pools": list(row.pools.all()),
        "reports": row.last_contact_at is not None,
    }
