"""What a user chooses for his list: the columns, the page size, a filter from the panel, named views."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.told import is_there
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.forms.places import countries
from bailiwick.engine.listing.criteria import COLUMNS, OPERATORS
from bailiwick.engine.listing.filters import COUNTER_LABELS, FIELDS, matching
from bailiwick.engine.listing.names import names_for
from bailiwick.engine.listing.preferences import keep
from bailiwick.engine.listing.saved_views import forget_view, save_view, views_of
from bailiwick.engine.listing.sorts import parse_sort
from bailiwick.web.customers import address as addresses
from bailiwick.web.customers.columns import BY_NAME, chosen_columns, columns_for
from bailiwick.web.posted import number, whole_number

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.web.customers.columns import Column
    from bailiwick.web.request import Request

LEAST, MOST = 48, 960  # pixels, as widths.js has it
KEPT = ("search", "sort", "limit", "columns")
NOT_OF_A_VIEW = ("name", "after", "before", "page", "csrfmiddlewaretoken")


def _reader(request: Request) -> Actor:
    actor: Actor = request.actor
    actor.require(Permission.CUSTOMER_READ)
    return actor


@require_safe
def filter_panel(request: Request) -> HttpResponse:
    """The panel, filled in with the filter that is in force."""
    actor = _reader(request)
    raw = {name: value for name, value in request.GET.dict().items() if name not in addresses.PAGING}
    there = {column.name for column in columns_for(actor)}
    known = names_for(actor)
    context = {
        "raw": raw,
        "partner_name": known.partners.get(whole_number(raw.get("partner")), "") if actor.is_operator else "",
        "shows_partner": actor.is_operator,
        "selects": _selects(actor, raw, known, there),
        "counters": [_counter(name, label, raw) for name, label in COUNTER_LABELS.items()],
        "others": {name: value for name, value in request.GET.dict().items() if "." in name or name in KEPT},
        "fields": [(name, column.label, column.kind) for name, column in COLUMNS.items() if is_there(actor, name)],
        "operators": [(name, each.label, " ".join(sorted(each.kinds))) for name, each in OPERATORS.items()],
    }
    return render(request, "customers/_filter.html", context)


def _selects(actor: Actor, raw: dict[str, str], known: Any, there: set[str]) -> list[dict[str, Any]]:
    choices = {
        "gateway_pool": sorted(known.pools.items(), key=lambda pair: pair[1].casefold()),
        "operator_profile": sorted(known.profiles.items(), key=lambda pair: pair[1].casefold()),
        "country": countries().items(),
    }
    for name, field in FIELDS.items():
        if hasattr(field, "choices") and (name in there or name != "bastion_state") and is_there(actor, name):
            choices[name] = [(str(key), words) for key, words in field.choices]
    return [
        {
            "name": name,
            "label": FIELDS[name].label,
            "choices": [(str(key), words, str(key) == raw.get(name)) for key, words in pairs],
        }
        for name, pairs in choices.items()
    ]


def _counter(name: str, label: Any, raw: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "label": label, "least": raw.get(f"{name}_min", ""), "most": raw.get(f"{name}_max", "")}


def columns(request: Request) -> HttpResponse:
    """Shows the chooser; a post keeps the choice for this user (LST-05)."""
    there = columns_for(_reader(request))
    return chooser(request, there, kept_as="columns", url=reverse("customers-columns"), changed="customers-changed")


def chooser(request: Request, there: Sequence[Column], *, kept_as: str, url: str, changed: str) -> HttpResponse:
    """The chooser of a list's columns."""
    if request.method == "POST":
        chosen = [column.name for column in chosen_columns(there, request.POST.getlist("columns"))]
        keep(request.actor, **{kept_as: [] if "usual" in request.POST else chosen})
        after = json.dumps({"close-dialog": "", changed: ""})
        return HttpResponse(status=204, headers={"HX-Trigger": after})
    shown = chosen_columns(there, request.user.preferences.get(kept_as))
    rest = [column for column in there if column not in shown]
    return render(request, "customers/_columns.html", {"shown": shown, "rest": rest, "keep_url": url})


@require_POST
def page_size(request: Request) -> HttpResponse:
    """Keeps the page size for this user."""
    size = whole_number(request.POST.get("limit"))
    if size in addresses.LIMITS:
        keep(_reader(request), page_size=size)
    return HttpResponse(status=204)


@require_POST
def width(request: Request) -> HttpResponse:
    """Keeps how wide this user has a column; 0 leaves it to the browser."""
    _reader(request)
    return keep_width(request, BY_NAME, kept_as="widths")


def keep_width(request: Request, known: Container[str], *, kept_as: str) -> HttpResponse:
    """Keeps a width of a list's columns."""
    name, wide = request.POST.get("name", ""), number(request.POST.get("width"))
    if name in known and wide is not None and (wide == 0 or LEAST <= wide <= MOST):
        kept = {key: value for key, value in request.user.preferences.get(kept_as, {}).items() if key != name}
        keep(request.actor, **{kept_as: kept | ({name: wide} if wide else {})})
    return HttpResponse(status=204)


@require_safe
def views(request: Request) -> HttpResponse:
    """Shows the user's own views, for the menu that opens."""
    named = [(view.pk, view.name, addresses.read(view.query).url) for view in views_of(_reader(request))]
    return render(request, "customers/_views.html", {"views": named})


def saved_view(request: Request) -> HttpResponse:
    """Asks for a name; a post keeps the present filter, sort and columns under it."""
    actor = _reader(request)
    given = request.POST if request.method == "POST" else request.GET
    query = {name: value for name, value in given.dict().items() if name not in NOT_OF_A_VIEW}
    context: dict[str, Any] = {"query": query}
    if request.method == "POST":
        try:
            address = addresses.read(query)
            matching(actor, address.raw)
            parse_sort(address.sort)
            save_view(actor, name=given.get("name", ""), query=query)
        except InvalidParams as error:
            context |= {
                "name": given.get("name", ""),
                "problems": [each["message"] for e in error.errors.values() for each in e],
            }
            return render(request, "customers/_save_view.html", context, status=422)
        return HttpResponse(headers={"HX-Redirect": addresses.read(query).url})
    return render(request, "customers/_save_view.html", context)


@require_POST
def forget(request: Request, view_id: int) -> HttpResponse:
    """Removes one of the user's own views."""
    if not forget_view(_reader(request), view_id):
        raise Http404
    return HttpResponse(headers={"HX-Redirect": addresses.PATH})
