"""The columns of a row of the list, in the order in which they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from bailiwick.access.actor import Actor


class Row(NamedTuple):
    """One customer as the list shows it; the last fields are filled only where they are asked for."""

    id: int
    logical_id: UUID
    name: str
    account_number: str
    domain: str
    partner_id: int | None
    gateway_pool_id: int
    operator_profile_id: int
    alerts_enabled: bool
    operator_alerts_enabled: bool
    edge_image_management: bool
    bastion_state: str
    edge_authentication: str
    operator_access: bool
    partner_access: bool
    created_at: datetime
    updated_at: datetime
    version: int
    edges: int
    edges_connected: int
    edges_degraded: int
    edges_down: int
    edges_unactivated: int
    status: int
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    contact_mobile: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    timezone: str = ""
    locale: str = ""
    description: str = ""
    services: Any = None
    edge_configuration_updates: bool = True
    edge_configuration_updates_on_upgrade: bool = True

    @property
    def is_closed(self) -> bool:
        """Whether this reader may know no more than the name."""
        return self.logical_id is None

    def seen_by(self, actor: Actor) -> Row:
        """Without what the customer withheld: from operators its cold half, from its partner all but the name."""
        if actor.level == "partner" and not self.partner_access:
            return self._by_name()
        return self if self.operator_access or not actor.is_operator else self._replace(**Row._field_defaults)

    def _by_name(self) -> Row:
        nothing: dict[str, Any] = dict.fromkeys(self._fields[: self._fields.index("contact_name")])
        known = {"id": self.id, "name": self.name, "partner_id": self.partner_id, "partner_access": False}
        return Row(**{**nothing, **known})


_STAT, _DETAIL = Row._fields.index("edges"), Row._fields.index("contact_name")
_OWN, _COUNTED, _COLD = Row._fields[:_STAT], Row._fields[_STAT:_DETAIL], Row._fields[_DETAIL:]

PLAIN_FIELDS = Row._fields[:_DETAIL]
# As the query set names them, and as the statement that joins them last does.
PLAIN_PATHS = _OWN + tuple(f"stat__{name}" for name in _COUNTED)
PATHS = PLAIN_PATHS + tuple(f"detail__{name}" for name in _COLD)
PLAIN = tuple(f"c.{name}" for name in _OWN) + tuple(f"s.{name}" for name in _COUNTED)
DETAIL = tuple(f"d.{name}" for name in _COLD)
