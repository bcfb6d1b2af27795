"""Writes the documents that are made from the code anew: docs/actions.md and docs/openapi.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from bailiwick.management.catalogue import documents

FOLDER = Path(__file__).parents[3] / "docs"


class Command(BaseCommand):
    """For developers; a test compares what is there with what this would write."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Writes below docs/ of the source."""
        for name, text in documents().items():
            (FOLDER / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/{name}")
