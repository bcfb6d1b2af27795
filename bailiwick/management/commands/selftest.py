"""`bailiwick selftest`: the tenancy self-test in the foreground; exit code 1 where it finds a leak."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bailiwick.access.actor import Actor
from bailiwick.engine import self_tests
from bailiwick.management.duties import LONG_DUTIES, alone


class Command(BaseCommand):
    """The host's shell is trusted like a superuser (reliability 1.1)."""

    help = "Makes two throw-away partners and asks every route for what is not theirs; keeps nothing of it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Prints the findings and the figures."""
        run = self_tests.ask(Actor.console(), now=timezone.now())
        [duty] = LONG_DUTIES
        with alone(duty.lock) as mine:
            if not mine:
                self.stdout.write(f"A worker carries it out: GET /api/v1/self-tests/{run.pk} tells how far it is.")
                return
            duty.work(timezone.now(), lambda: False)
        run.refresh_from_db()
        for finding in run.findings:
            self.stdout.write(f"{finding['question']}\n    {finding['told']}")
        self.stdout.write(f"{run.state}: {run.questions} questions, {run.comparisons} comparisons. {run.error}")
        sys.exit(0 if run.state == "passed" else 1)
