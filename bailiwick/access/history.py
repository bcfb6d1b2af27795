"""The events that an actor may read: filtered, newest first, by keyset."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import events_for

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Event

PAGE = 50


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What the reader asks for; an empty field asks for nothing."""

    name: str = ""
    actor: str = ""
    subject: str = ""
    door: str = ""
    category: str = ""
    customer: int | None = None
    partner: int | None = None
    job: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def is_empty(self) -> bool:
        """Whether everything is asked for."""
        return not any(getattr(self, field.name) for field in fields(self))


LOOKUPS = {
    "name": "name",
    "actor": "actor_name__icontains",
    "subject": "subject__icontains",
    "door": "door",
    "category": "category",
    "customer": "customer_id",
    "partner": "partner_id",
    "job": "job_id",
    "since": "at__gte",
    "until": "at__lt",
}


def events(actor: Actor, asked: EventFilter) -> QuerySet[Event]:
    """The events of the actor's portal that match, newest first."""
    actor.require(Permission.EVENT_READ)
    conditions = {lookup: getattr(asked, name) for name, lookup in LOOKUPS.items() if getattr(asked, name)}
    # What is asked of a partner is about itself: its customers have histories of their own.
    own = {"customer_id": None} if asked.partner else {}
    return events_for(actor).filter(**conditions).filter(**own).order_by("-id")


def read(
    actor: Actor, asked: EventFilter, *, after: int | None = None, limit: int = PAGE
) -> tuple[list[Event], int | None]:
    """One page and the key of the next one, or None at the end."""
    rows = events(actor, asked)
    page = list((rows.filter(pk__lt=after) if after else rows)[: limit + 1])
    return page[:limit], page[limit - 1].pk if len(page) > limit else None


def history(
    actor: Actor, customer_id: int, *, after: int | None = None, limit: int = PAGE
) -> tuple[list[Event], int | None]:
    """The events of one customer; of a customer whom the actor cannot see there are none."""
    return read(actor, EventFilter(customer=customer_id), after=after, limit=limit)
