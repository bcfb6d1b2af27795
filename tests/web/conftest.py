"""Signed-in clients for tests of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.models import User


def signed_in(user: User, client: Client | None = None, **options: object) -> Client:
    """The client, or a new one, with the session that the sign-in page would make."""
    client = client or Client(**options)
    client.force_login(user)
    session = client.session
    now = timezone.now().timestamp()
    session.update({"epoch": user.epoch, "began": now, "seen": now})
    session.save()
    return client


@pytest.fixture
def page(db: None) -> Callable[..., Client]:
    """Makes a signed-in client whose requests come from the page's scripts."""
    return lambda user: signed_in(user, headers={"HX-Request": "true"})
