"""The list of gateways: searched, by state, with their load; as a file too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.access.gateways import may_manage
from bailiwick.access.permissions import Permission
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.fleet.gateway.listing import found
from bailiwick.web.gateways.words import LOOKS, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from bailiwick.models import Gateway
    from bailiwick.web.request import Request

AT_ONCE = 50


@require_safe
def listing(request: Request) -> HttpResponse:
    """Those with a text in their name, city or address, of a state."""
    request.actor.require(Permission.GATEWAY_READ)
    asked = _asked(request)
    rows, after = found(request.actor, **asked), request.GET.get("after", "").replace("\0", "")
    page = list((rows.filter(name_key__gt=after) if after else rows)[: AT_ONCE + 1])
    kept = urlencode({name: text for name, text in asked.items() if text})
    further = urlencode({**asked, "after": page[AT_ONCE - 1].name_key}) if len(page) > AT_ONCE else ""
    context = {
        **asked,
        "gateways": [told(row) for row in page[:AT_ONCE]],
        "states": [(state, word) for state, (_look, word) in LOOKS.items()],
        "kept": kept,
        "is_first": not after,
        "next": further,
        "may_manage": may_manage(request.actor),
    }
    return render(request, "gateways/list.html", context)


@require_safe
def as_csv(request: Request) -> HttpResponseBase:
    """The same rows as CSV, all of them."""
    request.actor.require(Permission.GATEWAY_READ)
    heads = [_("Name"), _("Logical ID"), _("Partner"), _("State"), _("Service state"), _("Activation"), _("Roles")]
    heads += [_("Gateway pools"), _("IP address"), _("DNS name"), _("City"), _("Country"), _("Latitude")]
    heads += [_("Longitude"), _("Capacity"), _("Connected edges"), _("Utilization, %"), _("CPU, %"), _("Memory, %")]
    heads += [_("Version"), _("Last contact"), _("Replacement"), _("Deadline")]
    rows = _cells(found(request.actor, **_asked(request)))
    response = StreamingHttpResponse(written(Dialect(), heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="gateways.csv"'
    return response


def _asked(request: Request) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("search", "state")}


def _cells(rows: QuerySet[Gateway]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (
            row.name, str(row.logical_id), row.partner.name if row.partner else "", row.shown_state, row.state,
            row.activation_state, ", ".join(row.roles), ", ".join(pool.name for pool in row.pools.all()),
            row.address or "", row.dns_name, row.city, row.country, row.latitude, row.longitude, row.capacity,
            row.connected_edges, row.utilization, row.cpu, row.memory, row.software_version,
            row.last_contact_at.isoformat() if row.last_contact_at else "",
            row.replacement.name if row.replacement else "", row.deadline.isoformat() if row.deadline else "",
        )  # fmt: skip
