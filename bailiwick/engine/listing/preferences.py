"""What a user chose for himself: columns, page size, mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, JSONField, Value
from django.db.models.expressions import CombinedExpression

from bailiwick.models import User

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor


def keep(actor: Actor, **choices: Any) -> None:
    """Writes these choices and leaves the others, whatever another page of the same user writes meanwhile."""
    merged = CombinedExpression(F("preferences"), "||", Value(choices, output_field=JSONField()))
    User.objects.filter(pk=actor.user_id).update(preferences=merged)
