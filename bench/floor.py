"""The portal's addresses and one more: a view that asks PostgreSQL for `SELECT 1`, behind the same middleware."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.db import connection
from django.http import HttpResponse
from django.urls import include, path

if TYPE_CHECKING:
    from django.http import HttpRequest

# Begins as an address that needs no sign-in, so nothing is read but the one.
FLOOR = "/readyz/one"


def one(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answers with what the database said."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(f"{cursor.fetchone()[0]}\n", content_type="text/plain; charset=utf-8")


if os.environ.get("BENCH_WITHOUT_WALL"):
    from bench.wall import take_down

    take_down()

urlpatterns = [path(FLOOR[1:], one), path("", include("bailiwick.urls"))]
