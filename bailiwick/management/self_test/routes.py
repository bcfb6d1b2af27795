"""Every route of the program with its parameters, read from the URL resolver and the OpenAPI document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """A path as the resolver knows it: `customers/<int:customer_id>`."""

    pattern: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(found["name"] for found in PARAMETER.finditer(self.pattern))

    @property
    def is_api(self) -> bool:
        """Whether it belongs to door 2."""
        return self.pattern.startswith("api/")

    def path(self, values: Mapping[str, Any]) -> str:
        """The path with these values in their places."""
        return "/" + PARAMETER.sub(lambda found: str(values[found["name"]]), self.pattern)


def routes() -> list[Route]:
    """All of the running program, whatever its URL configuration is."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: Iterable[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        place = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(place.strip("^$"))
        else:
            yield from _walk(pattern.url_patterns, place)
