"""The tests' own clients work as a portal does, which spares a tenth of a run.

The middleware is loaded once, for each loading looks through all static files; it is loaded anew for settings that a
test overrides, and for them alone. And nobody notes which templates were rendered with what: tests look at the page.
"""

from __future__ import annotations

from functools import lru_cache

import pytest
from django.conf import settings
from django.template.base import Template
from django.test.client import ClientHandler

CHAIN = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")
load_anew = ClientHandler.load_middleware
render_alone = Template._render


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


@pytest.fixture(scope="session", autouse=True)
def _templates_are_rendered_alone(django_test_environment: None) -> None:
    Template._render = render_alone
