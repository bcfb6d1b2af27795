"""Whom an event is about: its customer or partner by name, beside the thing that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access.scope import customers_for, deleted_customers_for, partners_for
from bailiwick.engine.listing.names import naming
from bailiwick.web.words import DOORS, differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.models import Event
    from bailiwick.web.words import Difference


def about(actor: Actor, events: Sequence[Event]) -> list[str]:
    """A name for each event, or nothing where its subject is that name already: three queries for any number."""
    ids = {event.customer_id for event in events if event.customer_id}
    customers = dict(customers_for(actor).filter(pk__in=ids).values_list("pk", "name"))
    customers |= dict(deleted_customers_for(actor).filter(pk__in=ids - customers.keys()).values_list("pk", "name"))
    homes = {event.partner_id for event in events if event.partner_id and not event.customer_id}
    partners = dict(partners_for(actor).filter(pk__in=homes).values_list("pk", "name"))
    names = (
        customers.get(event.customer_id, "") if event.customer_id else partners.get(event.partner_id or 0, "")
        for event in events
    )
    return [name if name != event.subject else "" for name, event in zip(names, events, strict=True)]


def told(actor: Actor, events: Sequence[Event]) -> list[tuple[Event, list[Difference], str, str]]:
    """What a table of events shows: each with its differences, whom it is about and its door in words."""
    names = naming(actor)
    return [
        (event, differences(event.before, event.after, names), whom, str(DOORS.get(event.door, event.door)))
        for event, whom in zip(events, about(actor, events), strict=True)
    ]
