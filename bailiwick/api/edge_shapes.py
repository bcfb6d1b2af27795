"""The shapes of edges and their keys that this door answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Schema


class EdgeOut(Schema):
    """An edge. `operator_profile_id`: its own choice; the one in effect is that, or its customer's default."""

    id: int
    logical_id: UUID
    customer_id: int
    name: str
    state: str
    activation_state: str
    serial_number: str
    model: str
    software_version: str
    last_contact_at: datetime | None
    activated_at: datetime | None
    alerts_enabled: bool
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    timezone: str
    licence_type_id: int | None
    operator_profile_id: int | None
    effective_operator_profile_id: int


class EdgePage(Schema):
    """In the order of ids."""

    data: list[EdgeOut]
    next: str | None


class KeyOut(Schema):
    """An activation key, which is not shown again; where a device brings it, and the pin of who answers there."""

    key: str
    link: str
    expires_at: datetime
    url: str
    pin: str


class NewEdgeOut(EdgeOut):
    """An edge and the key for its device."""

    activation: KeyOut
