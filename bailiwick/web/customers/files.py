"""Files of what the list shows: this view, or the selected customers; the columns and the order are the list's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bailiwick.access.permissions import Permission
from bailiwick.engine.selection import freeze_living
from bailiwick.web.posted import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from bailiwick.web.customers.address import Address
    from bailiwick.web.customers.columns import Column

VIEW, SELECTION = "/api/v1/exports/view.csv", "/api/v1/exports/selection.csv"


def view_file(address: Address, columns: Iterable[Column]) -> str:
    """Where the file of this view is."""
    shown = {"columns": ",".join(column.name for column in columns), "sort": address.sort}
    return f"{VIEW}?{urlencode({**address.raw, **shown})}"


@require_POST
def selection_file(request: HttpRequest) -> HttpResponse:
    """Freezes the selection and leads to its file, with the columns and the order of the `view` it was made in."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require(Permission.CUSTOMER_EXPORT)
    ticket = freeze_living(actor, decoded(request.POST.get("select")), now=timezone.now()).logical_id
    view: dict[str, str] = dict(parse_qsl(urlsplit(str(request.POST.get("view", ""))).query))
    shown: dict[str, str] = {name: view[name] for name in ("columns", "sort") if name in view}
    shown["ticket"] = str(ticket)
    return HttpResponse(headers={"HX-Redirect": f"{SELECTION}?{urlencode(shown)}"})
