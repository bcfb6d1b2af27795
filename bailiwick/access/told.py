"""What is told of a customer that did not let the actor's side in (domain 1.4, 8.4, 13.1): what identifies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor

# By whose word a level is let in; a customer's own users need none.
ACCESS = {"operator": "operator_access", "partner": "partner_access"}
TOLD = {"operator": ("name", "account_number", "logical_id", "partner", "domain"), "partner": ("name", "partner")}

# The operator's own columns (MOD-03, domain 1.6): a customer's users do not read them, nor find or sort by them.
OPERATORS_OWN = frozenset({"account_number", "operator_alerts_enabled"})


def is_there(actor: Actor, column: str) -> bool:
    """Whether the column exists for this actor at all."""
    return actor.level != "customer" or column not in OPERATORS_OWN


def in_own_words(text: str) -> Q:
    """What a search of a customer's user may match: all that is searched but the operator's number."""
    key = name_key(text)
    found = Q(name_key__contains=key) | Q(domain_key__contains=key)
    return found | Q(detail__contact_name__icontains=text) | Q(detail__city__icontains=text)


def is_told(actor: Actor, column: str) -> bool:
    """Whether the actor may know it of every customer of his portal."""
    return actor.level not in TOLD or column in TOLD[actor.level]


def open_to(actor: Actor, path: str = "") -> Q:
    """What holds for customers that let the actor's side in; `path` leads to the customer."""
    return Q(**{path + ACCESS[actor.level]: True}) if actor.level in ACCESS else Q()
