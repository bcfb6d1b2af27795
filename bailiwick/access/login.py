"""Signing in with a password: the right user, alive, and not one who guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend

from bailiwick.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251 -- a type only


class PasswordBackend(BaseBackend):
    """Django's seam for a sign-in by e-mail address and password."""

    def get_user(self, user_id: int) -> User | None:
        """Returns the user behind a session, unless disabled, deleted, or of a deleted customer."""
        return (
            User.objects.filter(pk=user_id, is_active=True, deleted_at=None, customer__deleted_at=None)
            .select_related("partner", "customer")
            .first()
        )
