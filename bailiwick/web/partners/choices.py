"""What a user chooses for his list of partners: the columns and their widths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bailiwick.access.permissions import Permission
from bailiwick.web.customers.choices import chooser, keep_width
from bailiwick.web.partners.columns import BY_NAME, COLUMNS

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: Request) -> HttpResponse:
    """Shows the chooser; a post keeps the choice for this user."""
    request.actor.require(Permission.PARTNER_READ)
    return chooser(
        request, COLUMNS, kept_as="partner_columns", url=reverse("partners-columns"), changed="partners-changed"
    )


@require_POST
def width(request: Request) -> HttpResponse:
    """Keeps how wide this user has a column."""
    request.actor.require(Permission.PARTNER_READ)
    return keep_width(request, BY_NAME, kept_as="partner_widths")
