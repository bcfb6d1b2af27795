"""The shapes of the menu and of jobs as this door answers them; the OpenAPI document is made from them."""

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


class PreviewReasonOut(ReasonOut):
    """Of a preview, with the names of the first of them."""

    customers: list[str]


class ProblemRow(Schema):
    """Why one line of input cannot be made."""

    line: int
    field: str
    code: str
    reason: str


class PlanLine(Schema):
    """One customer: `outcome` is changes, already or refused; only what differs stands in before and after."""

    id: int
    customer: str
    outcome: str
    code: str
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    notes: list[str]


class PlanOut(Schema):
    """A page of the plan; ask for another with `page` and the ticket."""

    page: int
    pages: int
    rows: list[PlanLine]


class PreviewOut(Schema):
    """What the action would do now. `ticket` is the frozen selection: send it to do exactly this."""

    ticket: UUID | None
    total: int
    will_change: int
    already: int
    refused: int
    reasons: list[PreviewReasonOut]
    sample: list[dict[str, Any]]
    plan: PlanOut | None
    problems: list[ProblemRow]
    consequences: list[str]
    button: str


class Counts(Schema):
    """They always sum up to the total; `already` so are rows that had nothing to change."""

    changed: int
    already: int
    refused: int
    failed: int
    pending: int


class ProgressOut(Schema):
    """Rows a second since the start; seconds left are unknown at first."""

    percent: int
    rate: float
    seconds_left: float | None


class MailOut(Schema):
    """What became of one mail: `sent`, `failed` or `waiting`, and why the last try failed."""

    to: str
    state: str
    tries: int
    error: str


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
    mail: list[MailOut] | None = None
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
