"""Two questions of a supervisor or load balancer: is the process alive, and can it serve."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

APPLIED = "SELECT count(*) FROM django_migrations WHERE (app, name) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Says that this process answers; asks nobody else, so a dead database does not get the web server killed."""
    return _plain("alive")


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Says whether the database answers and its tables are those of this release."""
    apps, names = _newest_migrations()
    try:
        with connection.cursor() as cursor:
            cursor.execute(APPLIED, [apps, names])
            (applied,) = cursor.fetchone()
    except DatabaseError:
        return _plain("the database does not answer", status=503)
    return _plain("ready") if applied == len(names) else _plain("the tables are not those of this release", status=503)


@cache
def _newest_migrations() -> tuple[list[str], list[str]]:
    """The last migration of each app, from the files of this release."""
    leaves = MigrationLoader(None).graph.leaf_nodes()
    return [app for app, _ in leaves], [name for _, name in leaves]


def _plain(sentence: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", content_type="text/plain; charset=utf-8", status=status)
