"""The shapes of what this door answers; the OpenAPI document is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema


class ActionOut(Schema):
    """One entry of the menu, as far as the caller's role may use it."""

    slug: str
    label: str
    help: str
    group: str
    reach: str
    destroys: bool
    in_menu: bool
    open: bool
    closed_because: str | None
    params: dict[str, Any]


class ReasonOut(Schema):
    """Why rows are left alone, and how many."""

    code: str
    reason: str
    count: int
    harmless: bool = False


class ProblemRow(Schema):
    """Why one line of input cannot be made."""

    line: int
    field: str
    code: str
    reason: str


class PreviewOut(Schema):
    """What the action would do now. `ticket` is the frozen selection: send it to do exactly this."""

    ticket: UUID | None
    total: int
    will_change: int
    refused: int
    reasons: list[ReasonOut]
    sample: list[dict[str, Any]]
    problems: list[ProblemRow]
    consequences: list[str]
    button: str


class Counts(Schema):
    """They always sum up to the total."""

    changed: int
    refused: int
    failed: int
    pending: int


class ProgressOut(Schema):
    """Rows a second since the start; seconds left are unknown at first."""

    percent: int
    rate: float
    seconds_left: float | None


class JobOut(Schema):
    """A submitted action."""

    id: UUID
    number: int
    action: str
    title: str
    state: str
    total: int
    counts: Counts
    progress: ProgressOut
    reasons: list[ReasonOut]
    error: str
    result: dict[str, Any] | None
    actor: str
    door: str
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    links: dict[str, str]


class JobPage(Schema):
    """Newest first."""

    data: list[JobOut]
    next: str | None


class OutcomeOut(Schema):
    """One row of a job: changed with its values before and after, or refused with the reason."""

    position: int
    customer_id: int | None
    customer: str
    outcome: str
    line: int | None = None
    code: str | None = None
    reason: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class OutcomePage(Schema):
    """In the order of the run."""

    data: list[OutcomeOut]
    next: str | None


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
    operator_alerts_enabled: bool
    edge_image_management: bool
    bastion_state: str
    edge_authentication: str
    operator_access: bool
    edges: int
    edges_connected: int
    edges_degraded: int
    edges_down: int
    edges_unactivated: int
    created_at: datetime
    updated_at: datetime
    version: int


class CustomerPage(Schema):
    """`count` is exact where `exact` says so, else there are at least so many."""

    data: list[CustomerOut]
    next: str | None
    previous: str | None
    count: int
    exact: bool


class CustomerDetailOut(CustomerOut):
    """One customer with contact, address and settings."""

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
    partner_access: bool
    operator_user_management: bool


class PartnerOut(Schema):
    """A partner."""

    id: int
    logical_id: UUID
    name: str
    domain: str
    city: str
    country: str
    version: int


class PartnerPage(Schema):
    """In the order of ids."""

    data: list[PartnerOut]
    next: str | None


class EdgeOut(Schema):
    """An edge."""

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
    city: str
    country: str


class EdgePage(Schema):
    """In the order of ids."""

    data: list[EdgeOut]
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
