"""If-Match: a change that was made for an older version is not made."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext as _

from bailiwick.api.problems import Problem
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.api.caller import Call
    from bailiwick.engine.action import Action
    from bailiwick.models import (
        ConfigurationObject,
        Customer,
        Edge,
        Gateway,
        GatewayPool,
        IdentityProvider,
        OperatorProfile,
        Partner,
        Role,
    )

Versioned = TypeVar(
    "Versioned",
    "ConfigurationObject",
    "Customer",
    "Edge",
    "Gateway",
    "GatewayPool",
    "IdentityProvider",
    "OperatorProfile",
    "Partner",
    "Role",
)


def if_match(request: Call) -> int | None:
    """The version that the caller saw, where it says so. Raises Problem for what is none of our ETags."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    text = header.removeprefix('"').removesuffix('"')
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 -- what fits a version
        raise Problem(412, "stale", _("This If-Match is none of our ETags."))
    return int(text)


def tagged(row: Versioned, response: HttpResponse) -> Versioned:
    """The row, whose version the answer carries for If-Match."""
    response["ETag"] = f'"{row.version}"'
    return row


def version_for(request: Call, action: Action) -> int | None:
    """The version that the caller saw, for an action that looks at it. Raises InvalidParams for all others."""
    version = if_match(request)
    if version and "version" not in action.Params.base_fields:
        message = _("This action does not look at the version of a customer. Leave If-Match out.")
        raise InvalidParams.one("If-Match", "not_applicable", message)
    return version


def precondition(error: InvalidParams, *, header: bool) -> InvalidParams:
    """A stale version from If-Match is answered as HTTP wants it."""
    stale = any(found["code"] == "stale" for errors in error.errors.values() for found in errors)
    return InvalidParams(error.errors, status=412) if stale and header else error
