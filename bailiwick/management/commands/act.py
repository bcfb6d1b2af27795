"""Runs an action of the menu from the shell, as the page and the API do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from bailiwick.management.act.run import act


class Command(BaseCommand):
    """`act` lists the menu; the flags of an entry come from its form, so Django's parser is not asked."""

    help = __doc__

    def run_from_argv(self, argv: list[str]) -> None:
        """Everything after `act` is ours."""
        try:
            code = act(argv[2:])
        finally:
            connections.close_all()
        sys.exit(code)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """For `call_command("act", "slug", "--ids", "1")`."""
        code = act([str(arg) for arg in args])
        if code:
            sys.exit(code)
