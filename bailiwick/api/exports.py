"""Files over REST: streamed while the database makes them, whatever their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bailiwick.actions import MENU
from bailiwick.api.caller import actor_of
from bailiwick.api.turns import Turn
from bailiwick.engine.action import Export, UnknownAction
from bailiwick.engine.exports.customer_table import COLUMNS
from bailiwick.engine.exports.export import download
from bailiwick.engine.exports.view_table import selection_table, view_table
from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from django.http import HttpRequest

    from bailiwick.engine.exports.export import Download
    from bailiwick.engine.exports.table import Table

# What the address calls the choices of a file, and what the form calls them.
NAMES = {"separator": "separator", "guard": "formula_guard", "bom": "bom", "compress": "compress"}
# A reader that takes less than a block in this time has stalled: its query must not go on for ever.
SECONDS_TO_STALL = 60


@require_GET
def customers(request: HttpRequest) -> StreamingHttpResponse:
    """All customers of the caller's portal."""
    return _answer(request, "export-all-customers")


@require_GET
def edge_inventory(request: HttpRequest) -> StreamingHttpResponse:
    """All edges of the caller's portal."""
    return _answer(request, "export-customer-edge-inventory")


@require_GET
def view(request: HttpRequest) -> StreamingHttpResponse:
    """The customers that match the list's filter, or those of a `ticket`; `columns` and `sort` are the list's."""
    actor, asked = actor_of(request), request.GET.dict()
    columns = asked.pop("columns", "").split(",") if asked.get("columns") else list(COLUMNS)
    sort, ticket = asked.pop("sort", "") or "name", asked.pop("ticket", "")
    filters = {name: value for name, value in asked.items() if name not in NAMES}
    if request.path.endswith("/selection.csv"):
        _refuse_unknown(filters)
        table = selection_table(actor, ticket, columns=columns, sort=sort, now=timezone.now())
    else:
        table = view_table(actor, filters, columns=columns, sort=sort)
    return _answer(request, "export-all-customers", table)


def _answer(request: HttpRequest, slug: str, table: Table | None = None) -> StreamingHttpResponse:
    action = MENU.entry(slug)
    if not isinstance(action, Export):
        raise UnknownAction(slug)
    asked = request.GET.dict()
    if table is None:
        _refuse_unknown({name: value for name, value in asked.items() if name not in NAMES})
    made = download(actor_of(request), action, raw=_choices(asked), now=timezone.now(), table=table)
    _limit_stalling(request)
    return _response(made)


def _choices(asked: dict[str, str]) -> dict[str, Any]:
    raw: dict[str, Any] = {field: asked[name] for name, field in NAMES.items() if name in asked}
    if "compress" in raw:
        if raw["compress"] not in ("", "gzip"):
            raise InvalidParams.one("compress", "compress", _("Give gzip, or nothing."))
        raw["compress"] = raw["compress"] == "gzip"
    return raw


def _refuse_unknown(names: dict[str, str]) -> None:
    if names:
        raise InvalidParams.one(next(iter(names)), "unknown_field", _("There is no such field."))


def _limit_stalling(request: HttpRequest) -> None:
    connection = request.META.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SECONDS_TO_STALL)


def _response(made: Download) -> StreamingHttpResponse:
    response = StreamingHttpResponse(Turn(made.blocks), content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["Cache-Control"] = "no-store"
    return response
