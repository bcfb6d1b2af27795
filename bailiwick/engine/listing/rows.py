"""The columns of a row of the list, in the order in which they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bailiwick.access.told import ACCESS, TOLD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


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
        """Whether the customer did not let this reader's side in: nothing is said but what identifies it."""
        return self.version is None

    def seen_by(self, level: str) -> Row:
        """The row as readers of this level may see it."""
        if level not in ACCESS or getattr(self, ACCESS[level]):
            return self
        told = {"id", *TOLD[level], "partner_id", ACCESS[level]}
        hidden: dict[str, Any] = {name: None for name in PLAIN_FIELDS if name not in told}
        return self._replace(**hidden, **Row._field_defaults)


class Found(NamedTuple):
    """A row, the names' version it was read with, and its place in the order."""

    version: UUID
    id: int
    keys: Sequence[Any]
    row: Row


_STAT, _DETAIL = Row._fields.index("edges"), Row._fields.index("contact_name")
_OWN, _COUNTED, _COLD = Row._fields[:_STAT], Row._fields[_STAT:_DETAIL], Row._fields[_DETAIL:]

PLAIN_FIELDS = Row._fields[:_DETAIL]
# As the query set names them, and as the statement that joins them last does.
PLAIN_PATHS = _OWN + tuple(f"stat__{name}" for name in _COUNTED)
PATHS = PLAIN_PATHS + tuple(f"detail__{name}" for name in _COLD)
PLAIN = tuple(f"c.{name}" for name in _OWN) + tuple(f"s.{name}" for name in _COUNTED)
DETAIL = tuple(f"d.{name}" for name in _COLD)
