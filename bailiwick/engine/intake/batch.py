"""One chunk of a job that makes customers while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bailiwick.audit import log_of
from bailiwick.engine.insert import insert
from bailiwick.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer, Job


@dataclass(slots=True)
class InputBatch:
    """One chunk of a Create: rows that passed every check, with their line numbers."""

    job: Job
    actor: Actor
    action_event: str
    category: str
    params: Mapping[str, Any]
    rows: Sequence[dict[str, Any]]
    now: datetime
    created: list[Customer] = field(default_factory=list)
    report: Mapping[str, Any] = field(default_factory=dict)  # what else the job's result says

    def made(self, customers: Sequence[Customer], after: Sequence[dict[str, Any]]) -> None:
        """Reports new customers with what they were made of; one event each."""
        self.created.extend(customers)
        same = {
            "at": self.now,
            "name": self.action_event,
            "category": self.category,
            "severity": "INFO",
            "actor_id": self.actor.user_id,
            "actor_name": self.actor.name,
            "door": self.job.door,
            "address": self.job.address,
            "job_id": self.job.pk,
        }
        logs = (log_of(self.actor, customer, self.action_event) for customer in customers)
        told = zip(customers, logs, after, strict=True)
        rows = [{"partner_id": log, "customer_id": c.pk, "subject": c.name, "after": row} for c, log, row in told]
        insert(Event, [same | row for row in rows])
