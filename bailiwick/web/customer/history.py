"""A customer's history: what changed, before and after, by whom, in which job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bailiwick.access.scope import events_for, jobs_for
from bailiwick.web.words import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.models import Event
    from bailiwick.web.words import Difference


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words; `job_title` is empty where the job is in another portal."""

    event: Event
    sentence: str
    differences: Sequence[Difference]
    job_title: str


def history(actor: Actor, customer_id: int, *, before: int = 0, limit: int = 50) -> list[Entry]:
    """A page of the customer's events, newest first, before an event's id: two queries."""
    rows = events_for(actor).filter(customer_id=customer_id).order_by("-pk")
    events = list((rows.filter(pk__lt=before) if before else rows)[:limit])
    titles = dict(jobs_for(actor).filter(pk__in={event.job_id for event in events}).values_list("pk", "title"))
    return [
        Entry(event, sentence(event.name), differences(event.before, event.after), titles.get(event.job_id, ""))
        for event in events
    ]


def sentence(name: str) -> str:
    """The event's name with the words of our pages."""
    words = name.replace("ENTERPRISE_PROXY", "PARTNER").replace("ENTERPRISE", "CUSTOMER")
    return words.replace("_", " ").capitalize()
