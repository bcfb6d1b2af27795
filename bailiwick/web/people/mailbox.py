"""The mailbox: what the portal wrote to people, for installations without a mail relay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bailiwick.access.mailbox import mailbox_for, read
from bailiwick.access.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request

PAGE = 50


@require_safe
def listing(request: Request) -> HttpResponse:
    """The newest mails first."""
    request.actor.require(Permission.MAILBOX_READ)
    page = Paginator(mailbox_for(request.actor).order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "people/mailbox.html", {"page": page, "has_relay": bool(settings.EMAIL_HOST)})


@require_safe
def mail(request: Request, mail_id: int) -> HttpResponse:
    """One mail; of a sent one only the envelope is kept."""
    request.actor.require(Permission.MAILBOX_READ)
    found = get_object_or_404(mailbox_for(request.actor), pk=mail_id)
    return render(
        request, "people/mail.html", {"mail": found, "text": read(found), "has_relay": bool(settings.EMAIL_HOST)}
    )
