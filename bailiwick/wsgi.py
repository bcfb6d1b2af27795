"""What gunicorn serves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bailiwick.settings")
portal = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serves a request; one that only asks runs in transactions that only read (docs/adr/0011)."""
    connection.reads_only = environ["REQUEST_METHOD"] in SAFE  # type: ignore[attr-defined]
    return portal(environ, start_response)
