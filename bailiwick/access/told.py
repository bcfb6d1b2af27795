"""What is told of a customer that did not let the actor's side in (domain 1.4, 8.4, 13.1): what identifies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor

# By whose word a level is let in; a customer's own users need none.
ACCESS = {"operator": "operator_access", "partner": "partner_access"}
TOLD = {"operator": ("name", "account_number", "logical_id", "partner", "domain"), "partner": ("name", "partner")}


def is_told(actor: Actor, column: str) -> bool:
    """Whether the actor may know it of every customer of his portal."""
    return actor.level not in TOLD or column in TOLD[actor.level]


def open_to(actor: Actor, path: str = "") -> Q:
    """What holds for customers that let the actor's side in; `path` leads to the customer."""
    return Q(**{path + ACCESS[actor.level]: True}) if actor.level in ACCESS else Q()
