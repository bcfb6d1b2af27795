"""The events page: who did what, when, through which door; filtered, paged by key, and as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bailiwick.access import history
from bailiwick.access.permissions import Permission
from bailiwick.engine.exports.dialect import Dialect, written
from bailiwick.engine.forms.fields import NameField
from bailiwick.web.about import told
from bailiwick.web.forms import PageForm
from bailiwick.web.words import DOORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from bailiwick.models import Event
    from bailiwick.web.request import Request

BIGGEST_ID = 2**63 - 1
WHERE_AND_WHO = ("actor_name", "door", "address", "customer_id", "job_id")
COLUMNS = ("id", "at", "name", "severity", "category", *WHERE_AND_WHO, "subject", "before", "after")
ANY = ("", gettext_lazy("any"))


def _number(label: Any, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=BIGGEST_ID, **options)


def _instant(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class EventForm(PageForm):
    """The filter, all of it in the address of the page."""

    name = NameField(label=gettext_lazy("Event"), required=False, max_length=64)
    actor = NameField(label=gettext_lazy("Who"), required=False)
    subject = NameField(label=gettext_lazy("What"), required=False)
    door = forms.ChoiceField(label=gettext_lazy("Door"), required=False, choices=[ANY, *DOORS.items()])
    customer = _number(gettext_lazy("Customer number"))
    job = _number(gettext_lazy("Job number"))
    since = _instant(gettext_lazy("From"))
    until = _instant(gettext_lazy("Before"))
    after = _number("", widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        """A filter that does not exist is no reason to show everything."""
        if unknown := [name for name in self.data if name not in self.fields]:
            raise ValidationError(_("There is no filter “%(name)s”.") % {"name": unknown[0]}, code="unknown_filter")
        return self.cleaned_data

    def asked(self) -> history.EventFilter:
        """The filter in the words of access/history.py."""
        values = {name: value for name, value in self.cleaned_data.items() if value and name != "after"}
        if "name" in values:
            values["name"] = values["name"].upper()
        return history.EventFilter(**values)


@require_safe
def listing(request: Request) -> HttpResponse:
    """One page of events; a filter that cannot be read shows its errors and no rows."""
    request.actor.require(Permission.EVENT_READ)
    form = EventForm(request.GET)
    rows: list[Event] = []
    following = None
    if form.is_valid():
        rows, following = history.read(request.actor, form.asked(), after=form.cleaned_data["after"])
    values = _values(request, form, rows, following)
    return render(request, "people/events.html", values, status=422 if form.errors else 200)


def _values(request: Request, form: EventForm, rows: list[Event], following: int | None) -> dict[str, Any]:
    query = {name: value for name, value in request.GET.items() if value and name in form.fields and name != "after"}
    return {
        "form": form,
        "rows": told(request.actor, rows),
        "next": urlencode({**query, "after": following}) if following else "",
        "query": urlencode(query),
        "is_filtered": bool(query),
        "is_first": not request.GET.get("after"),
    }


@require_safe
def as_csv(request: Request) -> HttpResponseBase:
    """All events that match, read by a server-side cursor while the file is sent."""
    request.actor.require(Permission.EVENT_READ)
    form = EventForm(request.GET)
    if not form.is_valid():
        return render(request, "people/events.html", _values(request, form, [], None), status=422)
    rows = history.events(request.actor, form.asked()).values_list(*COLUMNS)
    headers = {"Content-Disposition": 'attachment; filename="events.csv"'}
    return StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: Any) -> Iterator[bytes]:
    titles = [_("Number"), _("Time"), _("Event"), _("Severity"), _("Category"), _("Who"), _("Door"), _("Address"),
              _("Customer number"), _("Job"), _("What"), _("Before"), _("After")]  # fmt: skip
    door = COLUMNS.index("door")
    cells = (
        [_cell(DOORS.get(value, value) if at == door else value) for at, value in enumerate(row)]
        for row in rows.iterator(chunk_size=2000)
    )
    return written(Dialect(bom=True), titles, cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
