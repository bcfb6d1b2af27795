"""A customer's history: what changed, before and after, by whom, in which job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bailiwick.access.history import history as read
from bailiwick.access.scope import jobs_for
from bailiwick.engine.listing.names import naming
from bailiwick.web.words import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.models import Event
    from bailiwick.web.words import Difference, Naming


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words; `job_title` is empty where the job is in another portal."""

    event: Event
    sentence: str
    differences: Sequence[Difference]
    job_title: str


def history(
    actor: Actor, customer_id: int, *, after: int | None = None, limit: int = 50
) -> tuple[list[Entry], int | None]:
    """A page of the customer's events, newest first, and the key of the next one."""
    events, following = read(actor, customer_id, after=after, limit=limit)
    titles: dict[int | None, str] = dict(
        jobs_for(actor).filter(pk__in={event.job_id for event in events if event.job_id}).values_list("pk", "title")
    )
    names = naming(actor)
    return [_entry(event, titles.get(event.job_id, ""), names) for event in events], following


def _entry(event: Event, job_title: str, names: Naming) -> Entry:
    return Entry(event, sentence(event.name), differences(event.before, event.after, names), job_title)


def sentence(name: str) -> str:
    """The event's name with the words of our pages."""
    words = name.replace("ENTERPRISE_PROXY", "PARTNER").replace("ENTERPRISE", "CUSTOMER")
    return words.replace("_", " ").capitalize()
