"""Where a script begins: which documents describe this door, and which collections stand behind it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.http import JsonResponse

from bailiwick.api.caller import signed_in
from bailiwick.api.door import ROOT, document

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@signed_in
def index(_request: HttpRequest) -> HttpResponse:
    """The addresses that can be read as they stand."""
    return JsonResponse({"documents": DOCUMENTS, "collections": _collections()})


DOCUMENTS = {"openapi": f"{ROOT}openapi.json", "reference": "/api-reference"}


@cache
def _collections() -> dict[str, str]:
    readable = [
        path for path, methods in document()["paths"].items() if "get" in methods and "{" not in path and path != ROOT
    ]
    return {path.removeprefix(ROOT): path for path in sorted(readable)}
