"""The paths of door 2."""

from __future__ import annotations

from django.urls import path

from bailiwick.api import exports
from bailiwick.api.door import api, openapi
from bailiwick.api.index import index

urlpatterns = [
    path("", index),
    path("openapi.json", openapi),
    path("exports/customers.csv", exports.customers),
    path("exports/edge-inventory.csv", exports.edge_inventory),
    path("exports/view.csv", exports.view),
    path("exports/selection.csv", exports.view),
    path("", api.urls),
]
