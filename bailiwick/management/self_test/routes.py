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
    def parameters(self) -> dict[str, str]:
        """The names in its path, and the converter of each."""
        return {found["name"]: found["kind"] or "str" for found in PARAMETER.finditer(self.pattern)}

    @property
    def is_api(self) -> bool:
        """Whether it belongs to door 2."""
        return self.pattern.startswith("api/")

    @property
    def openapi(self) -> str:
        """The path as the OpenAPI document writes it."""
        return "/" + PARAMETER.sub(lambda found: f"{{{found['name']}}}", self.pattern)

    def path(self, values: Mapping[str, Any]) -> str:
        """The path with these values in their places."""
        return "/" + PARAMETER.sub(lambda found: str(values[found["name"]]), self.pattern)


def routes() -> list[Route]:
    """All of the running program, whatever its URL configuration is."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def bodies(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The schemas of all JSON bodies of an OpenAPI document, by path; what several methods take is put together."""
    found: dict[str, dict[str, Any]] = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            known = found.setdefault(path, {"properties": {}})
            known["properties"] |= schema.get("properties", {})
    return dict(found)


def queries(document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The names that a path takes behind the question mark, by the OpenAPI document."""
    found: dict[str, frozenset[str]] = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
            found[path] = found.get(path, frozenset()) | named
    return found


def _walk(patterns: Iterable[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        place = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(place.strip("^$"))
        else:
            yield from _walk(pattern.url_patterns, place)
