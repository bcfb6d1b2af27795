"""The shapes of gateways and pools that this door answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Schema

from bailiwick.api.edge_shapes import KeyOut


class GatewayOut(Schema):
    """A gateway: what people say of it, and what it reports. `state` is the service state, `shown_state` the sum."""

    id: int
    logical_id: UUID
    name: str
    partner_id: int | None
    roles: list[str]
    state: str
    condition: str
    shown_state: str
    activation_state: str
    activated_at: datetime | None
    last_contact_at: datetime | None
    capacity: int
    connected_edges: int
    utilization: int
    cpu: int
    memory: int
    software_version: str
    address: str | None
    private_address: str | None
    ipv6_address: str | None
    dns_name: str
    is_load_balanced: bool
    authentication: str
    contact_name: str
    contact_email: str
    street: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    pools: list[int]
    quiesced_at: datetime | None
    replacement_id: int | None
    deadline: datetime | None
    version: int

    @staticmethod
    def resolve_pools(row: object) -> list[int]:
        """Their ids."""
        return sorted(pool.pk for pool in row.pools.all())  # type: ignore[attr-defined]


class GatewayPage(Schema):
    """In the order of ids."""

    data: list[GatewayOut]
    next: str | None


class NewGatewayOut(Schema):
    """A gateway and the key for its device."""

    gateway: GatewayOut
    activation: KeyOut


class PoolOut(Schema):
    """A gateway pool. `partner_id`: of a managed pool, the partner that may edit it."""

    id: int
    logical_id: UUID
    name: str
    description: str
    partner_id: int | None
    hand_off: str
    has_ipv4: bool
    has_ipv6: bool
    is_default: bool
    gateways: list[int]
    version: int

    @staticmethod
    def resolve_gateways(row: object) -> list[int]:
        """Their ids."""
        return sorted(each.pk for each in row.gateways.all())  # type: ignore[attr-defined]


class PoolPage(Schema):
    """In the order of ids."""

    data: list[PoolOut]
    next: str | None
