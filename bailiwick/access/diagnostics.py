"""Which diagnostic bundles an actor may reach: those of the edges that he sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access.scope import edges_for
from bailiwick.models import DiagnosticBundle

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def bundles_for(actor: Actor) -> QuerySet[DiagnosticBundle]:
    """Asked for, complete or ended; of a customer that lets the actor's side in."""
    return DiagnosticBundle.objects.filter(edge__in=edges_for(actor))
