"""What every page shows around its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Gives templates the actor; a page without one (sign-in) gets None."""
    return {"actor": getattr(request, "actor", None)}
