"""One event for one change, written in the transaction of the change: no record, no change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from bailiwick.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer

# What passes between a customer and its partner is in the partner's log, also where it was not let in (docs/adr/0022).
BETWEEN = (
    "ENTERPRISE_RELEASED",
    "ENTERPRISE_TRANSFERRED",
    "ENTERPRISE_TRANSFER_OFFERED",
    "ENTERPRISE_TRANSFER_ACCEPTED",
    "ENTERPRISE_ENABLE_PROXY_ACCESS",
    "ENTERPRISE_DISABLE_PROXY_ACCESS",
)


def record(
    actor: Actor,
    name: str,
    *,
    subject: str,
    customer: Customer | None = None,
    partner_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    category: str = "USER",
    severity: str = "INFO",
    at: datetime | None = None,
    job: int | None = None,
) -> None:
    """Writes one event; `before` and `after` hold only what changed, and never a secret."""
    Event.objects.create(
        at=at or timezone.now(),
        name=name,
        category=category,
        severity=severity,
        actor_id=actor.user_id or None,
        actor_name=actor.name,
        door=actor.door,
        address=actor.address,
        job_id=job,
        partner_id=log_of(actor, customer, name) if customer else partner_id,
        customer_id=customer.pk if customer else None,
        subject=subject[:255],
        before=before,
        after=after,
    )


def is_told(actor: Actor, name: str) -> bool:
    """Whether it stands in the partner's log also where the partner is not let in: nobody's own deeds are hidden."""
    return name in BETWEEN or actor.level == "partner"


def log_of(actor: Actor, customer: Customer, name: str) -> int | None:
    """The partner in whose log an event of this customer stands: none while the customer does not let it in."""
    return customer.partner_id if customer.partner_access or is_told(actor, name) else None
