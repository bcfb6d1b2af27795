"""The edge that somebody changes: held for the change, and told of in its customer's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick import audit
from bailiwick.access.scope import edges_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import Edge


def locked(actor: Actor, edge_id: int) -> Edge:
    """The edge with its customer, for a change. Raises Edge.DoesNotExist."""
    return edges_for(actor).select_related("customer").select_for_update(of=("self",)).get(pk=edge_id)


def record(
    actor: Actor,
    name: str,
    edge: Edge,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """In the customer's log, under the edge's name."""
    audit.record(
        actor, name, subject=edge.name, customer=edge.customer, before=before, after=after, category="EDGE", at=now
    )
