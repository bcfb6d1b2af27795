"""Where each door begins."""

from __future__ import annotations

from django.urls import include, path

from bailiwick.api.index import index
from bailiwick.api.reference import reference
from bailiwick.web.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api-reference", reference, name="api-reference"),
    path("api/v1", index),
    path("api/v1/", include("bailiwick.api.urls")),
    path("", include("bailiwick.web.urls")),
]
