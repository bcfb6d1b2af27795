"""The paths of door 2."""

from __future__ import annotations

from django.urls import path

from bailiwick.api.door import api, openapi

urlpatterns = [
    path("openapi.json", openapi),
    path("", api.urls),
]
