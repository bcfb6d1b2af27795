"""The customers list: the page, and the part of it that is swapped."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bailiwick.access.permissions import Permission
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing import grid
from bailiwick.engine.listing.filters import finds_beginnings
from bailiwick.engine.listing.jump import page_at
from bailiwick.engine.listing.names import names_for
from bailiwick.web.customers import address as addresses
from bailiwick.web.customers.address import Address
from bailiwick.web.customers.chips import chips
from bailiwick.web.customers.columns import chosen_columns, columns_for
from bailiwick.web.customers.files import view_file
from bailiwick.web.customers.kept import around, sizes
from bailiwick.web.customers.rows import table_heads, table_rows
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.engine.listing.grid import Page
    from bailiwick.web.customers.columns import Column
    from bailiwick.web.request import Request

FRAGMENT, PAGE = "customers/_list.html", "customers/page.html"


@require_safe
def customers(request: Request) -> HttpResponse:
    """Shows the page; a script of the page gets the list alone."""
    actor: Actor = request.actor
    actor.require(Permission.CUSTOMER_READ)
    swaps = request.htmx and not request.htmx.history_restore_request
    if actor.customer_id and not swaps and not request.GET:
        return redirect("customer", actor.customer_id)
    try:
        context, status = listing(request), HTTPStatus.OK
    except InvalidParams as error:
        context, status = _unusable(request, error), HTTPStatus.UNPROCESSABLE_ENTITY
    if not swaps:
        context |= around(actor) | {"widths": json.dumps(request.user.preferences.get("widths", {}))}
    context["swaps"] = swaps
    response = render(request, FRAGMENT if swaps else PAGE, context, status=status)
    response["Vary"] = "HX-Request"
    if swaps and status == HTTPStatus.OK:
        _say_address(request, response, context["address"])
    return response


def listing(request: Request) -> dict[str, Any]:
    """The context of the list. Raises InvalidParams for an address that asks for nonsense."""
    actor: Actor = request.actor
    kept = request.user.preferences
    address = addresses.read(request.GET.dict(), usual_limit=_limit(kept))
    columns = _columns(actor, kept, address)
    page = _page(actor, address, detail=any(column.cold for column in columns))
    return {
        "address": address,
        "page": page,
        "says": _says(page),
        "first": page.start + 1,
        "last": page.start + len(page.rows),
        "number": page.start // address.limit + 1,
        "pages": -(-page.total.count // address.limit) if page.total.exact else None,
        "rows": table_rows(page.rows, page.names, columns),
        "heads": table_heads(columns, address),
        "chips": list(chips(address, page.names if actor.is_operator else names_for(actor))),
        "beginnings": finds_beginnings(address.raw.get("search", "")),
        "next": address.to(after=page.next) if page.next else "",
        "previous": address.to(before=page.previous) if page.previous else "",
        "sizes": sizes(address.limit),
        "filter": json.dumps(dict(address.raw)),
        "file": view_file(address, columns),
        "of_partner": _partner(actor, page, address),
    }


def _says(page: Page) -> str:
    count = page.total.count
    if not page.total.exact:
        return _("More than %(n)s customers") % {"n": f"{count:,}"}
    return ngettext("%(n)s customer", "%(n)s customers", count) % {"n": f"{count:,}"}


def _partner(actor: Actor, page: Page, address: Address) -> str:
    """Whose customers the list shows, where it is one partner's."""
    return page.names.partners.get(whole_number(address.raw.get("partner")), "") if actor.is_operator else ""


def _page(actor: Actor, address: Address, *, detail: bool) -> Page:
    """The page that the address asks for; behind the last one, the last."""
    asked = partial(page_at, actor, address.raw, sort=address.sort, limit=address.limit, detail=detail)
    if address.page:
        found = asked(address.page)
        return found if found.rows or not found.total.count else asked(-(-found.total.count // address.limit))
    after, before = address.after or None, address.before or None
    return grid.page(
        actor, address.raw, sort=address.sort, limit=address.limit, after=after, before=before, detail=detail
    )


def _limit(kept: dict[str, Any]) -> int:
    limit = kept.get("page_size")
    return limit if limit in addresses.LIMITS else 50


def _columns(actor: Actor, kept: dict[str, Any], address: Address) -> list[Column]:
    chosen = address.columns.split(",") if address.columns else kept.get("columns")
    return chosen_columns(columns_for(actor), chosen)


def _unusable(request: Request, error: InvalidParams) -> dict[str, Any]:
    problems = [each["message"] for found in error.errors.values() for each in found]
    raw = {name: value for name, value in request.GET.dict().items() if name not in addresses.PAGING}
    return {
        "address": Address(raw=raw),
        "problems": problems,
        "chips": list(chips(Address(raw=raw), names_for(request.actor))),
    }


def _say_address(request: Request, response: HttpResponse, address: Address) -> None:
    """While somebody types, the address follows without filling the history with every letter."""
    typing = request.htmx.trigger_name == "search"
    refreshing = request.htmx.trigger == "list"
    response["HX-Replace-Url" if typing or refreshing else "HX-Push-Url"] = address.url
    if request.htmx.trigger == "filter-form":
        response["HX-Trigger"] = "close-dialog"
