"""Views of the list that a user named: filter, sort and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bailiwick.engine.forms.fields import NameField
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import SavedView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

MOST = 100


def views_of(actor: Actor) -> QuerySet[SavedView]:
    """The actor's own views, by name."""
    return SavedView.objects.filter(user_id=actor.user_id).order_by("name")


def save_view(actor: Actor, *, name: str, query: Mapping[str, str]) -> None:
    """Keeps the view; the same name again replaces it. Raises InvalidParams for an unfit name or too many views."""
    try:
        cleaned = NameField().clean(name)
    except ValidationError as refusal:
        raise InvalidParams.one("name", refusal.error_list[0].code or "invalid", refusal.messages[0]) from None
    if views_of(actor).exclude(name=cleaned).count() >= MOST:
        raise InvalidParams.one("name", "too_many", _("You have 100 views. Remove one first."))
    SavedView.objects.update_or_create(user_id=actor.user_id, name=cleaned, defaults={"query": dict(query)})


def forget_view(actor: Actor, view_id: int) -> bool:
    """Removes one of the actor's own views; False where there is none."""
    return views_of(actor).filter(pk=view_id).delete()[0] > 0
