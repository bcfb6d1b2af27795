"""Every request begins and ends outside: a kept connection never shows one request the rows of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access.wall import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def begin_outside(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Reading the session, or a token, says whose rows are seen (access/session_store.py, api/caller.py)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with serving():
            return get_response(request)

    return middleware
