"""An edge of Contoso that waits for its device."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from bailiwick.fleet import provisioning
from bailiwick.fleet.changes import Changes
from bailiwick.fleet.gathering import Gathering, Here
from bailiwick.models import Edge
from tests.world import World


class Waiting(NamedTuple):
    edge: Edge
    key: str


@pytest.fixture
def home(tmp_path, settings) -> Any:
    """The authority of a test is its own."""
    settings.HOME = tmp_path
    return tmp_path


def provisioned(world: World, name: str = "Lyon", **values: Any) -> Waiting:
    raw = {"name": name, **values}
    edge, issued = provisioning.provision(world.actor(world.olga), world.contoso.pk, raw, now=timezone.now())
    return Waiting(edge, issued.key)


@pytest.fixture
def waiting(world: World, home: Any) -> Waiting:
    return provisioned(world)


@pytest.fixture
def gathered(monkeypatch) -> Gathering:
    """Of this test: it writes when the test says so, and hears what the test tells it."""
    made = Gathering(Changes(), most=3)
    made.changes.heard(float("inf"))
    monkeypatch.setattr(Here, "now", made)
    return made
