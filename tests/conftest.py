"""What every test may use: a real PostgreSQL and the cast."""

from __future__ import annotations

import pytest

from tests.world import World

pytest_plugins = [
    "tests.browser",
    "tests.garbage",
    "tests.oidc",
    "tests.once",
    "tests.portal",
    "tests.processes",
    "tests.template",
    "tests.watch",
]


@pytest.fixture
def world(db: None) -> World:
    """The cast, in a database that forgets everything after the test."""
    return World()
