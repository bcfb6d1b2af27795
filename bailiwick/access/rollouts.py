"""Roll-outs of software: which of them, and of their edges, an actor sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access.scope import edges_for
from bailiwick.models import Rollout, RolloutEdge

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def rollouts_for(actor: Actor) -> QuerySet[Rollout]:
    """Which software comes to whom when is the operator's; others see it at their edges."""
    return Rollout.objects.all() if actor.is_operator else Rollout.objects.none()


def rollout_edges_for(actor: Actor, rollout: Rollout) -> QuerySet[RolloutEdge]:
    """Those whose customer lets the operator in."""
    return RolloutEdge.objects.filter(rollout=rollout, edge__in=edges_for(actor))
