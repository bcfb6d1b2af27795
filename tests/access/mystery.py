"""A customer that is closed to somebody, with facts that he must not learn."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bailiwick.models import Customer
    from tests.world import World

FACTS: dict[str, Any] = {
    "account_number": "S-4711",
    "domain": "secret.example",
    "street": "Hush Street",
    "city": "Mum City",
    "contact_name": "Whisper",
    "contact_email": "hush@hidden.example",
    "description": "Unspoken",
    "alerts_enabled": False,
}


def mystery(world: World, **access: bool) -> Customer:
    """A customer of Acme with five edges; `access` says which side it does not let in."""
    customer = world.customer("Mystery Ltd", partner=world.acme, **access, **FACTS)
    world.numbers = count(9001)
    world.edges(customer, 5)
    return customer


def names(found: Any) -> list[str]:
    """The names of a page's rows."""
    return [row.name for row in found.rows]
