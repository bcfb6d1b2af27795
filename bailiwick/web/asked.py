"""Which action a page asks for, and with which values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils.translation import gettext as _

from bailiwick.actions import MENU
from bailiwick.engine.action import UnknownAction
from bailiwick.engine.forms.form import InvalidParams, raw_values
from bailiwick.web.posted import decoded

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.web.request import Request


def entry(actor: Actor, slug: str) -> Action:
    """The entry of the menu, open to the actor. Raises Http404, NotAllowed."""
    try:
        action = MENU.entry(slug)
    except UnknownAction:
        raise Http404 from None
    actor.require(action.permission)
    action.gate(actor)
    return action


def values(request: Request, action: Action) -> dict[str, Any]:
    """The form's values: as JSON once the preview carries them, as fields before."""
    if "params" not in request.POST:
        return raw_values(action.Params, request.POST, request.actor)
    raw = decoded(request.POST["params"])
    if not isinstance(raw, dict):
        raise InvalidParams.one("params", "wrong_type", _("This form is damaged. Open the action again."))
    return raw
