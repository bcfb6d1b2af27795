"""Every request begins and ends outside: a kept connection never shows one request the rows of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse

from bailiwick.access.wall import serving, standing, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.http import HttpRequest, HttpResponse

    from bailiwick.access.postgresql.base import Place


def begin_outside(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Reading the session, or a token, says whose rows are seen (access/session_store.py, api/caller.py)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with serving():
            response: Any = get_response(request)
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = _there(where(), response.streaming_content)  # type: ignore[arg-type]
        return response  # type: ignore[no-any-return]

    return middleware


def _there(place: Place, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """What is made while it is read is made where its request stood."""
    with standing(place):
        yield from blocks
