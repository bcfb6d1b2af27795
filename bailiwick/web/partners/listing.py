"""The partners page: who they are, how many customers each has; and the same as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import Permission
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.listing.partners import every, page
from bailiwick.engine.partners import require_open
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.web.request import Request

LONGEST = 255


@require_safe
def partners(request: Request) -> HttpResponse:
    """Shows a page of the list; a partner's own staff see their own settings instead."""
    actor = request.actor
    if actor.may(Permission.PARTNER_OWN):
        return redirect("own-partner")
    actor.require(Permission.PARTNER_READ)
    search, after = _search(request), whole_number(request.GET.get("after"))
    found = page(actor, search=search, after=after)
    more = {"search": search} if search else {}
    context = {
        "rows": found.rows,
        "total": found.total,
        "search": search,
        "is_first": not after,
        "first": _address(more),
        "next": _address({**more, "after": found.next}) if found.next else "",
        "file": f"{reverse('partners-csv')}?{urlencode(more)}" if more else reverse("partners-csv"),
        "may_create": actor.may(Permission.PARTNER_CREATE),
        "closed": _closed(actor),
        "may_transfer": actor.may(Permission.CUSTOMER_TRANSFER),
        "may_delete": actor.may(Permission.PARTNER_DELETE),
    }
    return render(request, "partners/_rows.html" if request.htmx else "partners/page.html", context)


@require_safe
def as_csv(request: Request) -> HttpResponse:
    """The partners that match, as a file."""
    actor = request.actor
    if not actor.may(Permission.PARTNER_OWN):
        actor.require(Permission.PARTNER_READ)
    titles = [
        _("Partner"), _("Domain"), _("Logical ID"), _("Customers"), _("Operator access"), _("Gateway management"),
        _("Contact"), _("Contact e-mail"), _("City"), _("Country"), _("Created"),
    ]  # fmt: skip
    rows = (
        (
            row.name, row.domain, str(row.logical_id), customers, _word(is_on=row.operator_access),
            _word(is_on=row.operate_gateways), row.contact_name, row.contact_email, row.city, row.country,
            f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        )
        for row, customers in every(actor, _search(request))
    )  # fmt: skip
    headers = {"Content-Disposition": 'attachment; filename="partners.csv"'}
    file = b"".join(written(Dialect(bom=True), titles, rows))
    return HttpResponse(file, content_type="text/csv; charset=utf-8", headers=headers)


def _search(request: Request) -> str:
    return request.GET.get("search", "").replace("\0", "").strip()[:LONGEST]


def _address(query: Mapping[str, object]) -> str:
    return f"{reverse('partners')}?{urlencode(query)}" if query else reverse("partners")


def _word(*, is_on: bool) -> str:
    return "true" if is_on else "false"


def _closed(actor: Actor) -> str:
    """Why the button does nothing, or nothing."""
    try:
        require_open()
    except NotAllowed as closed:
        return closed.reason if actor.may(Permission.PARTNER_CREATE) else ""
    return ""
