"""Signing a test client in without the sign-in page."""

from __future__ import annotations

import pytest
from django.utils import timezone


@pytest.fixture
def signed_in(client):
    """Signs the test's client, or another one, in as one of the cast."""

    def sign_in(user, other=None):
        browser = other or client
        browser.force_login(user, backend="bailiwick.access.login.PasswordBackend")
        session, now = browser.session, timezone.now().timestamp()
        session.update({"epoch": user.epoch, "began": now, "seen": now})
        session.save()
        return browser

    return sign_in
