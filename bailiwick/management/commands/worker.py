"""The worker: runs submitted jobs and the periodic duties until it is told to leave."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from bailiwick.management.loop import Loop


class Command(BaseCommand):
    """Takes jobs as they come; any number of workers may run, any of them may be killed at any instant."""

    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Works until SIGTERM or SIGINT."""
        Loop().work()
