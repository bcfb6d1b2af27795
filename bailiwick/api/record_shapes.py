"""The shapes of the records that this door answers; the OpenAPI document is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema


class CustomerOut(Schema):
    """A customer as the list shows it."""

    id: int
    logical_id: UUID
    name: str
    account_number: str
    domain: str
    partner_id: int | None
    partner: str | None
    gateway_pool_id: int
    gateway_pool: str | None
    operator_profile_id: int
    operator_profile: str | None
    alerts_enabled: bool
    operator_alerts_enabled: bool | None
    edge_image_management: bool
    bastion_state: str
    edge_authentication: str
    operator_access: bool
    partner_access: bool
    edges: int
    edges_connected: int
    edges_degraded: int
    edges_down: int
    edges_unactivated: int
    created_at: datetime
    updated_at: datetime
    version: int


class ClosedCustomerOut(Schema):
    """A customer that gave its partner no access: its partner sees the name only."""

    id: int
    name: str
    partner_id: int
    partner: str | None
    partner_access: Literal[False] = False


class WithdrawnCustomerOut(Schema):
    """A customer that withdrew operator access: operators see what identifies it."""

    id: int
    logical_id: UUID
    name: str
    account_number: str
    domain: str
    partner_id: int | None
    partner: str | None
    operator_access: Literal[False] = False


class CustomerPage(Schema):
    """`count` is exact where `exact` says so, else there are at least so many."""

    data: list[CustomerOut | WithdrawnCustomerOut | ClosedCustomerOut]
    next: str | None
    previous: str | None
    count: int
    exact: bool


class ChoiceOut(Schema):
    """An operator profile that a customer's administrators may choose; the first of them is the default."""

    id: int
    name: str


class CustomerDetailOut(CustomerOut):
    """One customer with contact, address and settings."""

    profiles_to_choose: list[ChoiceOut]

    contact_name: str
    contact_email: str
    contact_phone: str
    contact_mobile: str
    street: str
    street_2: str
    city: str
    state: str
    postcode: str
    country: str
    latitude: float | None
    longitude: float | None
    timezone: str
    locale: str
    description: str
    services: list[Any]
    operator_user_management: bool


class PartnerOut(Schema):
    """A partner as the list shows it."""

    id: int
    logical_id: UUID
    name: str
    domain: str
    city: str
    country: str
    operator_access: bool
    operate_gateways: bool
    edge_image_management: bool
    customers: int
    version: int


class PartnerDetailOut(PartnerOut):
    """One partner with contact, address and what it may give to its customers."""

    description: str
    contact_name: str
    contact_email: str
    contact_phone: str
    contact_mobile: str
    street: str
    street_2: str
    state: str
    postcode: str
    gateway_pools: list[int]
    default_pool: int | None
    operator_profiles: list[int]
    default_profile: int | None


class PartnerPage(Schema):
    """In the order of ids."""

    data: list[PartnerOut]
    next: str | None


class VerdictOut(Schema):
    """A partner of a selection; where it is left alone, `code` and `reason` say why."""

    id: int
    partner: str
    code: str
    reason: str


class OfferOut(Schema):
    """A customer that waits for a partner's word, and what the transfer would do."""

    id: int
    customer_id: int
    customer: str
    partner_id: int
    partner: str
    partner_access: bool
    operator_access: bool | None
    missing_pool: str
    gateway_pool_id: int | None
    add_profiles: bool
    from_partner: bool
    offered_by: str
    created_at: datetime
    deadline: datetime


class OfferPage(Schema):
    """In the order of ids."""

    data: list[OfferOut]
    next: str | None


class EventOut(Schema):
    """One change: who, when, through which door, before and after."""

    id: int
    at: datetime
    name: str
    category: str
    severity: str
    actor_name: str
    door: str
    job_id: int | None
    customer_id: int | None
    subject: str
    before: Any = None
    after: Any = None


class EventPage(Schema):
    """Newest first."""

    data: list[EventOut]
    next: str | None


class SelectionOut(Schema):
    """A frozen selection: quote `ticket` as {"select": {"ticket": …}}."""

    ticket: UUID
    count: int
    digest: str
    created_at: datetime
    expires_at: datetime


class PropertyOut(Schema):
    """A system property with the value in force."""

    name: str
    kind: str
    value: Any
    default: Any
    help: str
    restricted: bool
    version: int
