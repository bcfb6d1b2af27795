"""What a person does to a roll-out that is open: pause it, let it go on, take everything back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.rollouts import rollouts_for
from bailiwick.fleet.rollout.orders import WITHDRAWN
from bailiwick.models import Rollout, RolloutState

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.access.actor import Actor


def pause(actor: Actor, rollout_id: int, *, now: datetime) -> Rollout:
    """Orders nothing more until it goes on; what is under way ends. Raises NotAllowed, ValidationError."""
    return _turn(actor, rollout_id, RolloutState.PAUSED, "ROLLOUT_PAUSED", now=now)


def go_on(actor: Actor, rollout_id: int, *, now: datetime) -> Rollout:
    """Goes on; the failures until now are accepted. Raises NotAllowed, ValidationError."""
    return _turn(actor, rollout_id, RolloutState.RUNNING, "ROLLOUT_CONTINUED", now=now, reason="", judged_since=now)


def take_back(actor: Actor, rollout_id: int, *, now: datetime) -> Rollout:
    """Every edge is to run what its profile brings again. Raises NotAllowed, ValidationError."""
    with transaction.atomic():
        done = _turn(actor, rollout_id, RolloutState.TAKEN_BACK, "ROLLOUT_TAKEN_BACK", now=now, finished_at=now)
        who = {"actor": actor.user_id or None, "actor_name": actor.name, "door": actor.door, "address": actor.address}
        with connection.cursor() as cursor:
            cursor.execute(WITHDRAWN, {"rollout": done.pk, "now": now, **who})
    return done


def _turn(actor: Actor, rollout_id: int, state: RolloutState, event: str, *, now: datetime, **more: object) -> Rollout:
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    with transaction.atomic():
        found = (
            rollouts_for(actor).select_related("operator_profile").select_for_update(of=("self",)).get(pk=rollout_id)
        )
        before = found.state
        if not found.is_open or before == state or (state == RolloutState.PAUSED and before == RolloutState.HALTED):
            raise ValidationError(_("It is no longer in a state for that. Look at it again."), code="wrong_state")
        for name, value in {"state": state, **more}.items():
            setattr(found, name, value)
        found.save()
        audit.record(
            actor,
            event,
            subject=found.operator_profile.name,
            category="EDGE",
            before={"state": before},
            after={"state": str(state)},
            at=now,
        )
    return found
