"""The paths of a customer's edges."""

from __future__ import annotations

from django.urls import path

from bailiwick.web.customer import edge_configuration, edge_deeds, edge_diagnostics, edge_facts, edge_list, edges

ONE = "customers/<int:customer_id>/edges/<int:edge_id>"
urlpatterns = [
    path("activate", edges.how_to, name="activate-edge"),
    path("customers/<int:customer_id>/edges", edge_list.listing, name="customer-edges"),
    path("customers/<int:customer_id>/edges/new", edges.new, name="new-customer-edge"),
    path(ONE, edges.edge, name="customer-edge"),
    path(f"{ONE}/key", edge_deeds.new_key, name="new-edge-key"),
    path(f"{ONE}/key/mail", edge_deeds.mail_key, name="mail-edge-key"),
    path(f"{ONE}/key/cancel", edge_deeds.cancel_key, name="cancel-edge-key"),
    path(f"{ONE}/reactivate", edge_deeds.reactivate, name="reactivate-edge"),
    path(f"{ONE}/alerts", edge_deeds.alerts, name="edge-alerts"),
    path(f"{ONE}/configuration", edge_configuration.page, name="edge-configuration"),
    path(f"{ONE}/configuration/<slug:module>", edge_configuration.module, name="edge-module"),
    path(f"{ONE}/diagnostics", edge_diagnostics.page, name="edge-diagnostics"),
    path(f"{ONE}/diagnostics/<int:bundle_id>/file", edge_diagnostics.file, name="edge-bundle"),
    path(f"{ONE}/diagnostics/<int:bundle_id>/delete", edge_diagnostics.delete, name="delete-edge-bundle"),
    path(f"{ONE}/licence", edge_deeds.licence, name="edge-licence"),
    path(f"{ONE}/facts", edge_facts.page, name="edge-facts"),
    path(f"{ONE}/software", edge_deeds.software, name="edge-software"),
    path(f"{ONE}/deactivate", edge_deeds.deactivate, name="deactivate-edge"),
    path(f"{ONE}/delete", edge_deeds.delete, name="delete-edge"),
]
