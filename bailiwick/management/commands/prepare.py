"""Makes a database ready to serve: tables, demonstration data on request, and a sign-in link for the first operator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from bailiwick.access import links

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Run by `bailiwick up` before anything is served."""

    help = "Brings the tables up to date and prints a sign-in link as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Says whether to demonstrate, and where the link leads."""
        parser.add_argument("--demo", action="store_true", help="fill an empty portal with demonstration data")
        parser.add_argument("--base-url", required=True)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Does only what is still to do."""
        if _has_unapplied_migrations():
            call_command("migrate", verbosity=0)
        call_command("setup")
        if options["demo"] and _is_empty():
            call_command("demo", stdout=self.stderr)
        link = links.first_superuser_link(options["base_url"], now=timezone.now())
        self.stdout.write(json.dumps({"link": link}))


def _has_unapplied_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM bailiwick_customer)")
        (found,) = cursor.fetchone()
    return not found
