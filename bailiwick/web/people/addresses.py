"""Where a sign-in goes on to: never out of the portal."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(target: str) -> str:
    """Returns `target` if it is a path of this portal, else the start page."""
    is_path = target.startswith("/") and target.isprintable()
    return target if is_path and url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "/"
