"""The paths of the pages about gateways and pools."""

from __future__ import annotations

from django.urls import path

from bailiwick.web.gateways import deeds, listing, one, pools

urlpatterns = [
    path("gateways", listing.listing, name="gateways"),
    path("gateways.csv", listing.as_csv, name="gateways-file"),
    path("gateways/new", one.new, name="new-gateway"),
    path("gateways/<int:gateway_id>", one.gateway, name="gateway"),
    path("gateways/<int:gateway_id>/edit", one.edit, name="edit-gateway"),
    path("gateways/<int:gateway_id>/key", deeds.key, name="gateway-key"),
    path("gateways/<int:gateway_id>/deactivate", deeds.deactivate, name="deactivate-gateway"),
    path("gateways/<int:gateway_id>/delete", deeds.delete, name="delete-gateway"),
    path("gateways/<int:gateway_id>/quiesce", deeds.quiesce, name="quiesce-gateway"),
    path("gateways/<int:gateway_id>/resume", deeds.resume, name="resume-gateway"),
    path("gateway-pools", pools.listing, name="gateway-pools"),
    path("gateway-pools.csv", pools.as_csv, name="gateway-pools-file"),
    path("gateway-pools/new", pools.new, name="new-gateway-pool"),
    path("gateway-pools/<int:pool_id>", pools.pool, name="gateway-pool"),
    path("gateway-pools/<int:pool_id>/delete", pools.delete, name="delete-gateway-pool"),
]
