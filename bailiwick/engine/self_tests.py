"""The tenancy self-test as the doors see it: asking for a run, and reading what it found. A worker carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.models import SelfTest

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def runs(actor: Actor) -> QuerySet[SelfTest]:
    """All runs, the newest first. Raises NotAllowed."""
    actor.require(Permission.TENANCY_TEST)
    return SelfTest.objects.order_by("-pk")


def ask(actor: Actor, *, now: datetime) -> SelfTest:
    """Asks for a run; where one is under way already, it is that one. Raises NotAllowed."""
    actor.require(Permission.TENANCY_TEST)
    try:
        with transaction.atomic():
            run = SelfTest.objects.create(actor_name=actor.name, asked_at=now)
            audit.record(actor, "RUN_TENANCY_SELF_TEST", subject=str(run), category="SECURITY", at=now)
    except IntegrityError:
        return SelfTest.objects.get(finished_at=None)
    return run
