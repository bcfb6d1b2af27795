"""The edges of a customer on a map; whatever their number, the database counts them by cells of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, Count, F, FloatField, Max, Min, Q
from django.db.models.functions import Cast, Floor
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick.web.customer.edges import LOOKS
from bailiwick.web.world_map import URGENCY, Box, Mark, apart

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.models import Customer, Edge

TOLD = 3  # names or places of a mark
SAME_PLACE = 0.02  # degrees: no map tells these apart
MOST_CELLS = 1000
LOOK_STATES = {look: [state for state, (each, _word) in LOOKS.items() if each == look] for look in URGENCY}


def within(rows: QuerySet[Edge], box: Box) -> QuerySet[Edge]:
    """Those in this part of the world."""
    return rows.filter(
        latitude__gte=box.south, latitude__lte=box.north, longitude__gte=box.west, longitude__lte=box.east
    )


def located(rows: QuerySet[Edge]) -> QuerySet[Edge]:
    """Those of which it is known where they are."""
    return rows.filter(latitude__isnull=False, longitude__isnull=False)


def picture(customer: Customer, rows: QuerySet[Edge], part: Box | None, kept: dict[str, str]) -> dict[str, Any]:
    """The context of the map: of a part of the world, or of all that there is."""
    here = located(rows)
    shown = within(here, part) if part else here
    bounds = part or _bounds(shown)
    frame = bounds.framed if bounds else None
    marks = apart(_cells(shown, frame), frame.cell) if frame else []
    return {
        "frame": frame,
        "marks": [_told(customer, mark, kept, is_last=bool(frame and frame.is_nearest)) for mark in marks],
        "radius": f"{frame.cell * 0.4:.4f}" if frame else "",
        "legend": [(look, LOOKS[LOOK_STATES[look][0]][1]) for look in ("up", "degraded", "down", "idle")],
        "nowhere": rows.count() - here.count(),
        "is_part": part is not None,
    }


def _bounds(rows: QuerySet[Edge]) -> Box | None:
    found = rows.aggregate(w=Min("longitude"), s=Min("latitude"), e=Max("longitude"), n=Max("latitude"))
    return None if found["w"] is None else Box(found["w"], found["s"], found["e"], found["n"])


def _cells(rows: QuerySet[Edge], frame: Box) -> list[Mark]:
    """One statement, and as many rows as the picture has cells."""
    cell = frame.cell
    column = Floor(Cast((F("longitude") - frame.west) / cell, FloatField()))
    row = Floor(Cast((F("latitude") - frame.south) / cell, FloatField()))
    found: Any = rows.annotate(column=column, row=row).values("column", "row").annotate(
        x=Avg("longitude"), y=Avg("latitude"), w=Min("longitude"), s=Min("latitude"), e=Max("longitude"),
        n=Max("latitude"), only=Min("pk"), name=Min("name"),
        places=ArrayAgg("city", distinct=True, filter=~Q(city="")),
        up=_number("up"), degraded=_number("degraded"), down=_number("down"), idle=_number("idle"),
    )  # fmt: skip
    return [_mark(each) for each in found.order_by("column", "row")[:MOST_CELLS]]


def _number(look: str) -> Count:
    return Count("pk", filter=Q(state__in=LOOK_STATES[look]))


def _mark(found: dict[str, Any]) -> Mark:
    box = Box(found["w"], found["s"], found["e"], found["n"])
    counts = {look: found[look] for look in URGENCY}
    return Mark(found["x"], found["y"], box, counts, found["only"], (found["name"],), tuple(found["places"] or ()))


def _told(customer: Customer, mark: Mark, kept: dict[str, str], *, is_last: bool) -> dict[str, Any]:
    """A mark with its words and where it leads: to its edge, into the map, or to the list where no map helps."""
    where = reverse("customer-edges", args=[customer.pk])
    asked = {"box": mark.box.written, **kept}
    listed, nearer = f"{where}?{urlencode(asked)}", f"{where}?{urlencode({'view': 'map', **asked})}"
    url = listed if is_last or mark.box.size < SAME_PLACE else nearer
    if mark.total == 1:
        url = reverse("customer-edge", args=[customer.pk, mark.only])
    counts = [(LOOKS[LOOK_STATES[look][0]][1], mark.counts[look]) for look in ("up", "degraded", "down", "idle")]
    told = ", ".join(f"{number} {word}" for word, number in counts if number)
    return {"mark": mark, "name": _name(mark), "told": told, "counts": counts, "url": url, "listed": listed}


def _name(mark: Mark) -> str:
    if mark.total == 1:
        return mark.names[0]
    if not mark.places:
        return _("Around %(latitude).1f°, %(longitude).1f°") % {"latitude": mark.latitude, "longitude": mark.longitude}
    further = len(mark.places) - TOLD
    names = ", ".join(mark.places[:TOLD])
    if further <= 0:
        return names
    return ngettext("%(names)s and %(number)d more place", "%(names)s and %(number)d more places", further) % {
        "names": names,
        "number": further,
    }
