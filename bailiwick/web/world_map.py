"""A map of the world as the server draws it, in degrees: what would overlap is one mark with a number."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = 20
LEAST_WIDTH, MOST_WIDTH = 0.5, 360.0  # degrees
POLE, EDGE = 90.0, 180.0
MARGIN = 1.25
# Of two marks the one that needs a look gives the look.
URGENCY = ("down", "degraded", "up", "idle")
THOUSAND = 1000


class Box(NamedTuple):
    """A part of the world, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From an address: west, south, east, north; None where that is no part of the world."""
        try:
            found = cls(*(float(part) for part in text.split(",")))
        except (TypeError, ValueError):
            return None
        is_there = all(isfinite(each) for each in found) and -EDGE <= found.west <= found.east <= EDGE
        return found if is_there and -POLE <= found.south <= found.north <= POLE else None

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Self:
        """All of them. There has to be one."""
        west, south, east, north = zip(*boxes, strict=True)
        return cls(min(west), min(south), max(east), max(north))

    @property
    def written(self) -> str:
        """For an address, a little wider than it is so that what stands on its border is in it."""
        west, south = max(self.west - 1e-5, -EDGE), max(self.south - 1e-5, -POLE)
        return f"{west:.5f},{south:.5f},{min(self.east + 1e-5, EDGE):.5f},{min(self.north + 1e-5, POLE):.5f}"

    @property
    def size(self) -> float:
        """The longer of its sides; the shorter counts double, as a picture is twice as wide as high."""
        return max(self.east - self.west, 2 * (self.north - self.south))

    @property
    def framed(self) -> Box:
        """What a picture of it shows: with a margin, twice as wide as high, and nothing beyond the world."""
        width = min(max(self.size * MARGIN, LEAST_WIDTH), MOST_WIDTH)
        west = _within((self.west + self.east - width) / 2, EDGE, width)
        south = _within((self.south + self.north - width / 2) / 2, POLE, width / 2)
        return Box(west, south, west + width, south + width / 2)

    @property
    def is_nearest(self) -> bool:
        """Whether no frame shows less."""
        return self.east - self.west < LEAST_WIDTH * 1.01

    @property
    def cell(self) -> float:
        """How many degrees a mark may take."""
        return (self.east - self.west) / COLUMNS

    @property
    def view(self) -> str:
        """As SVG wants it: north is up, so latitudes are negative."""
        return " ".join(
            f"{each:.4f}" for each in (self.west, -self.north, self.east - self.west, self.north - self.south)
        )


class Mark(NamedTuple):
    """What stands at one place: where, within which bounds, and how many of each look."""

    longitude: float
    latitude: float
    box: Box
    counts: dict[str, int]
    only: int
    names: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def look(self) -> str:
        """That of the one that needs a look most."""
        return next((look for look in URGENCY if self.counts.get(look)), URGENCY[-1])

    @property
    def number(self) -> str:
        """Short enough for a mark."""
        if self.total == 1:
            return ""
        return str(self.total) if self.total < THOUSAND else f"{self.total // THOUSAND}k"

    @property
    def at(self) -> str:
        """Its place in the picture."""
        return f"translate({self.longitude:.4f} {-self.latitude:.4f})"

    def joined(self, other: Mark) -> Mark:
        """Both as one, where this one stands."""
        counts = {look: self.counts.get(look, 0) + other.counts.get(look, 0) for look in URGENCY}
        places = tuple(sorted({*self.places, *other.places}))
        return self._replace(
            box=Box.around((self.box, other.box)), counts=counts, names=self.names + other.names, places=places
        )


def apart(marks: Iterable[Mark], cell: float) -> list[Mark]:
    """None nearer to another than a cell: the larger takes the smaller ones in. Largest first."""
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (-each.total, each.longitude, each.latitude)):
        near = next((n for n, each in enumerate(found) if _distance(each, mark) < cell), None)
        if near is None:
            found.append(mark)
        else:
            found[near] = found[near].joined(mark)
    return sorted(found, key=lambda each: (-each.total, each.longitude, each.latitude))


def _distance(one: Mark, other: Mark) -> float:
    return float(((one.longitude - other.longitude) ** 2 + (one.latitude - other.latitude) ** 2) ** 0.5)


def _within(start: float, limit: float, length: float) -> float:
    return max(-limit, min(start, limit - length))
