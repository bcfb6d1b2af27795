"""Who may change a segment: the operator, and whom it is delegated to (domain 4.2, segment fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed
from bailiwick.engine.configuration.check import invalid
from bailiwick.engine.configuration.schema import Fault, schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.configuration.kinds import Kind

SEGMENT = "segment"
OWN = {"partner": "delegate_to_partner", "customer": "delegate_to_customer"}
# What each level hands on; nobody gives himself what he was not given.
GIVEN = {"operator": frozenset(OWN.values()), "partner": frozenset({"delegate_to_customer"}), "customer": frozenset()}


def is_delegated(actor: Actor, kind: Kind, body: Mapping[str, Any]) -> bool:
    """Whether the actor may change this one; everything but segments is everybody's who may change that kind."""
    return kind.slug != SEGMENT or actor.is_operator or _says(body, OWN[actor.level])


def require(actor: Actor, kind: Kind, body: Mapping[str, Any]) -> None:
    """Raises NotAllowed where it is not delegated to the actor's level."""
    if not is_delegated(actor, kind, body):
        raise NotAllowed(_("This segment is not delegated to you."), code="not_delegated")


def begun(actor: Actor, kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """A new one is delegated to who makes it. Raises InvalidParams where he hands on what is not his to give."""
    if actor.is_operator or kind.slug != SEGMENT:
        return dict(body)
    own = OWN[actor.level]
    require_kept(actor, kind, {}, {flag: value for flag, value in body.items() if flag != own})
    return {**body, own: True}


def require_kept(actor: Actor, kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raises InvalidParams where a delegation changes that is not the actor's to give."""
    flags = sorted(frozenset(OWN.values()) - GIVEN[actor.level]) if kind.slug == SEGMENT else ()
    if changed := [flag for flag in flags if _says(old, flag) != _says(new, flag)]:
        said = _("Only who delegates it can change this.")
        raise invalid(Fault(f"/{flag}", "not_delegated", said) for flag in changed)


def _says(body: Mapping[str, Any], flag: str) -> bool:
    return bool(body.get(flag, schema_of(SEGMENT)["properties"][flag]["default"]))
