"""When an edge may be upgraded: between two times of the day at its own place, perhaps over midnight."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

from bailiwick.fleet.rollout.orders import ZONES

if TYPE_CHECKING:
    from datetime import datetime, time

    from bailiwick.models import Rollout


def zones_within(rollout: Rollout, now: datetime) -> list[str] | None:
    """The time zones of waiting edges where the window is open; None where the roll-out has no window."""
    begins, ends = rollout.window_from, rollout.window_until
    if begins is None or ends is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(ZONES, {"rollout": rollout.pk, "wave": rollout.wave})
        names = [name for (name,) in cursor.fetchall()]
    return [name for name in names if is_within(now.astimezone(zone_of(name)).time(), begins, ends)]


def is_within(at: time, begins: time, ends: time) -> bool:
    """The end is no part of it; a window that ends before it begins goes over midnight."""
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def zone_of(name: str) -> ZoneInfo:
    """UTC where nobody knows this zone any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
