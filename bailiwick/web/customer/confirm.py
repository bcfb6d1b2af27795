"""Whether somebody reads at a customer's contact address: the page behind the mailed link, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bailiwick.access import confirmations
from bailiwick.access.secret import DeadLink
from bailiwick.web.customer.inside import opened
from bailiwick.web.doorkeeper import error_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from bailiwick.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, secret: str) -> HttpResponse:
    """Looking at it changes nothing; the button confirms the address, once. Whoever has the link needs no account."""
    now = timezone.now()
    try:
        found = confirmations.find(secret, now)
        if request.method == "POST":
            confirmations.confirm(secret, address=request.META.get("REMOTE_ADDR", ""), now=now)
    except DeadLink:
        detail = _("It was used already, or it is too old, or the address was changed. Ask for a new one.")
        return error_page(request, status=404, title=_("This link does not work any more"), detail=detail)
    shown = {"email": found.email, "customer_name": found.customer.name, "is_done": request.method == "POST"}
    return render(request, "customer/confirm.html", shown)


@require_POST
def send(request: Request, customer_id: int) -> HttpResponse:
    """Mails the link to the customer's contact again."""
    customer = opened(request, customer_id)
    try:
        confirmations.ask_again(request.actor, customer, now=timezone.now())
    except ValidationError as error:
        return error_page(request, status=409, title=_("No letter was sent"), detail=error.messages[0])
    return redirect("customer-settings", customer.pk)
