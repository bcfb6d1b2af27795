"""The worker's part: sees what became of the edges, halts, opens the next wave, orders, and ends the roll-out.

All of it stands in rows: a worker that is killed leaves nothing behind that another one would not find.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Min

from bailiwick import audit
from bailiwick.access.actor import Actor
from bailiwick.fleet.rollout.orders import FREED, NOTICED, ORDERED
from bailiwick.fleet.rollout.window import zones_within
from bailiwick.models import OPEN_ROLLOUTS, OperatorProfile, Rollout, RolloutEdge, RolloutState, RolloutStep

if TYPE_CHECKING:
    from datetime import datetime

UNDER_WAY = (RolloutStep.WAITING, RolloutStep.ORDERED)


def advance(now: datetime) -> int:
    """Takes every open roll-out one step further; returns how many there are."""
    found = list(Rollout.objects.filter(state__in=OPEN_ROLLOUTS).values_list("pk", flat=True))
    for key in found:
        with transaction.atomic():
            rollout = (
                Rollout.objects.select_related("operator_profile", "image")
                .select_for_update(of=("self",), skip_locked=True)
                .filter(pk=key, state__in=OPEN_ROLLOUTS)
                .first()
            )
            if rollout:
                _advance(rollout, now)
    return len(found)


def _advance(rollout: Rollout, now: datetime) -> None:
    _execute(NOTICED, rollout, now)
    if rollout.state != RolloutState.RUNNING:
        return
    before = _stands(rollout)
    if reason := _why_halt(rollout):
        rollout.state, rollout.reason = RolloutState.HALTED, reason
        _record(rollout, "ROLLOUT_HALTED", now, severity="ERROR", after={"reason": reason, "wave": rollout.wave})
    elif not _next_wave(rollout, now):
        _execute(ORDERED, rollout, now, wave=rollout.wave, zones=zones_within(rollout, now))
    if _stands(rollout) != before:  # most of the time it waits, and a row need not be written for that
        rollout.save()


def _stands(rollout: Rollout) -> tuple[object, ...]:
    return rollout.state, rollout.reason, rollout.wave, rollout.wave_over_at


def _why_halt(rollout: Rollout) -> str:
    if rollout.image is None or rollout.image.deprecated:
        return "image_deprecated"
    failed = rollout.edges.filter(step=RolloutStep.FAILED, ended_at__gt=rollout.judged_since).count()
    return "too_many_failures" if failed > rollout.most_failures else ""


def _next_wave(rollout: Rollout, now: datetime) -> bool:
    """Opens the next wave that has edges when the last one had its pause; whether the roll-out ended instead."""
    if rollout.wave and rollout.edges.filter(wave__lte=rollout.wave, step__in=UNDER_WAY).exists():
        rollout.wave_over_at = None
        return False
    following = rollout.edges.filter(wave__gt=rollout.wave).aggregate(first=Min("wave"))["first"]
    if following is None:
        _finish(rollout, now)
        return True
    rollout.wave_over_at = rollout.wave_over_at or now
    pause = timedelta(minutes=rollout.pause_minutes if rollout.wave else 0)
    if now >= rollout.wave_over_at + pause:
        rollout.wave, rollout.wave_over_at = following, None
        edges = RolloutEdge.objects.filter(rollout=rollout, wave=rollout.wave).count()
        _record(rollout, "ROLLOUT_WAVE_BEGUN", now, after={"wave": rollout.wave, "edges": edges})
    return False


def _finish(rollout: Rollout, now: datetime) -> None:
    """The profile brings the image from now on, so no edge needs an order of its own any more."""
    profile = OperatorProfile.objects.select_for_update().get(pk=rollout.operator_profile_id)
    before, after = {"image_id": profile.image_id}, {"image_id": rollout.image_id}
    profile.image, profile.version = rollout.image, profile.version + 1
    profile.save(update_fields=["image", "version"])
    _execute(FREED, rollout, now)
    rollout.state, rollout.finished_at = RolloutState.DONE, now
    _record(rollout, "UPDATE_OPERATOR_PROFILE", now, before=before, after=after)
    _record(rollout, "ROLLOUT_DONE", now)


def _execute(statement: str, rollout: Rollout, now: datetime, **more: Any) -> None:
    values = {
        "rollout": rollout.pk,
        "profile": rollout.operator_profile_id,
        "image": rollout.image_id,
        "version": rollout.image.version if rollout.image else "",
        "patience": rollout.patience_minutes,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values | more)


def _record(rollout: Rollout, name: str, now: datetime, *, severity: str = "INFO", **told: Any) -> None:
    worker = Actor.stranger("Bailiwick", door="worker")
    subject = rollout.operator_profile.name
    audit.record(worker, name, subject=subject, category="EDGE", severity=severity, at=now, **told)
