"""The partners page, built of the parts of the customers page; and the same as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import Permission
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.partners import every, page
from bailiwick.engine.partners import require_open
from bailiwick.web.customers import address as addresses
from bailiwick.web.customers.address import Address
from bailiwick.web.customers.columns import chosen_columns
from bailiwick.web.customers.kept import sizes
from bailiwick.web.customers.rows import table_heads
from bailiwick.web.partners.columns import COLUMNS, UNSORTED, in_file
from bailiwick.web.partners.rows import table_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.listing.partners import PartnerPage
    from bailiwick.web.customers.columns import Column
    from bailiwick.web.request import Request

PATH = "/partners"
MOST_ROWS = max(addresses.LIMITS)


@require_safe
def partners(request: Request) -> HttpResponse:
    """Shows a page of the list; a partner's own staff see their own settings instead."""
    actor = request.actor
    if actor.may(Permission.PARTNER_OWN):
        return redirect("own-partner")
    actor.require(Permission.PARTNER_READ)
    swaps = request.htmx and not request.htmx.history_restore_request
    try:
        context, status = _listing(request), 200
    except InvalidParams as error:
        problems = [each["message"] for found in error.errors.values() for each in found]
        context, status = {"address": Address(raw={}, path=PATH), "problems": problems}, error.status
    template = "partners/_list.html" if swaps else "partners/page.html"
    response = render(request, template, context | _around(request), status=status)
    response["Vary"] = "HX-Request"
    if swaps and "problems" not in context:
        typing = request.htmx.trigger_name == "search" or request.htmx.trigger == "list"
        response["HX-Replace-Url" if typing else "HX-Push-Url"] = context["address"].url
    return response


def _listing(request: Request) -> dict[str, Any]:
    actor, kept = request.actor, request.user.preferences
    usual = kept.get("page_size")
    given = {name: value.replace("\0", "") for name, value in request.GET.dict().items()}
    address = addresses.read(given, usual_limit=usual if usual in addresses.LIMITS else 50, path=PATH)
    _refuse_unknown(address.raw)
    limit = min(max(address.limit, 1), MOST_ROWS)
    columns = _columns(kept.get("partner_columns"), address.columns)
    cold, search = any(column.cold for column in columns), address.raw.get("search", "")
    found = page(actor, search=search, sort=address.sort, number=address.page or 1, limit=limit, cold=cold)
    return {
        "address": address,
        "rows": table_rows(found.rows, columns),
        "heads": table_heads(columns, address, unsorted=UNSORTED),
        "filter": json.dumps(dict(address.raw)),
        "total": found.total,
        "file": _file(address, columns),
        **_foot(found, address, limit),
    }


def _foot(found: PartnerPage, address: Address, limit: int) -> dict[str, Any]:
    pages = max(-(-found.total // limit), 1)
    number = min(address.page or 1, pages)
    first = (number - 1) * limit
    return {
        "says": ngettext("%(n)s partner", "%(n)s partners", found.total) % {"n": f"{found.total:,}"},
        "first": first + 1,
        "last": first + len(found.rows),
        "number": number,
        "pages": pages,
        "previous": address.to(page=number - 1) if number > 1 else "",
        "next": address.to(page=number + 1) if number < pages else "",
        "sizes": sizes(limit),
    }


def _around(request: Request) -> dict[str, Any]:
    actor = request.actor
    return {
        "widths": json.dumps(request.user.preferences.get("partner_widths", {})),
        "may_create": actor.may(Permission.PARTNER_CREATE),
        "closed": _closed(actor),
        "may_transfer": actor.may(Permission.CUSTOMER_TRANSFER),
        "may_delete": actor.may(Permission.PARTNER_DELETE),
        "may_update": actor.may(Permission.PARTNER_UPDATE),
    }


@require_safe
def as_csv(request: Request) -> HttpResponse:
    """The partners that match, in the list's order; with `columns` those of the list, else every column."""
    actor = request.actor
    if not actor.may(Permission.PARTNER_OWN):
        actor.require(Permission.PARTNER_READ)
    asked = [name for name in request.GET.get("columns", "").split(",") if name]
    columns = _columns(asked, "") if asked else list(COLUMNS)
    search = request.GET.get("search", "").replace("\0", "").strip()
    try:
        rows = every(actor, search, sort=request.GET.get("sort", "name"))
        lines = [[in_file(column, row) for column in columns] for row in rows]
    except InvalidParams as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
    headers = {"Content-Disposition": 'attachment; filename="partners.csv"'}
    file = b"".join(written(Dialect(bom=True), [str(column.label) for column in columns], lines))
    return HttpResponse(file, content_type="text/csv; charset=utf-8", headers=headers)


def _columns(kept: object, asked: str) -> list[Column]:
    return chosen_columns(COLUMNS, asked.split(",") if asked else kept)


def _file(address: Address, columns: Iterable[Column]) -> str:
    shown = {"columns": ",".join(column.name for column in columns), "sort": address.sort}
    return f"{reverse('partners-csv')}?{urlencode({**address.raw, **shown})}"


def _refuse_unknown(raw: Mapping[str, str]) -> None:
    unknown = [name for name in raw if name != "search"]
    if unknown:
        error = {"code": "unknown_filter", "message": _("There is no such filter.")}
        raise InvalidParams({name: [error] for name in unknown})


def _closed(actor: Actor) -> str:
    """Why the button does nothing, or nothing."""
    try:
        require_open()
    except NotAllowed as closed:
        return closed.reason if actor.may(Permission.PARTNER_CREATE) else ""
    return ""
