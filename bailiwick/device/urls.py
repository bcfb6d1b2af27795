"""The paths of door 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, JsonResponse
from django.urls import path, re_path

from bailiwick.device import bundle
from bailiwick.device.document import document
from bailiwick.device.image import part
from bailiwick.device.operations import OPERATIONS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def openapi(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of this door."""
    return JsonResponse(document())


def nothing(_request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for."""
    raise Http404


urlpatterns = [
    *(path(f"device/v1/{name}", operation.serve, name=f"device-{name}") for name, operation in OPERATIONS.items()),
    path("device/v1/image/<str:sha256>", part, name="device-image"),
    path("device/v1/bundle/<uuid:bundle>", bundle.part, name="device-bundle"),
    path("device/v1/openapi.json", openapi),
    re_path("", nothing),
]
