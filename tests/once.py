"""The middleware of the tests' own clients is loaded once, as in a portal: each loading looks through all static files.

It is loaded anew for settings that a test overrides, and for them alone.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.test.client import ClientHandler

CHAIN = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")
load_anew = ClientHandler.load_middleware


@lru_cache(maxsize=2)
def _loaded(_under: object) -> ClientHandler:
    handler = ClientHandler()
    load_anew(handler)
    return handler


def load_once(handler: ClientHandler) -> None:
    """Takes what another client loaded under the same settings."""
    for name in CHAIN:
        setattr(handler, name, getattr(_loaded(settings._wrapped), name))


ClientHandler.load_middleware = load_once
