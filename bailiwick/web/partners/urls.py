"""The paths of the pages about partners."""

from __future__ import annotations

from django.urls import path

from bailiwick.web.partners import choices, inside, listing, new, offers, profiles, removal

urlpatterns = [
    path("partners", listing.partners, name="partners"),
    path("partners.csv", listing.as_csv, name="partners-csv"),
    path("partners/new", new.new, name="new-partner"),
    path("partners/columns", choices.columns, name="partners-columns"),
    path("partners/width", choices.width, name="partners-width"),
    path("partners/add-profiles", profiles.add, name="add-partner-profiles"),
    path("partners/delete", removal.delete, name="delete-partners"),
    path("our-settings", inside.own, name="own-partner"),
    path("offers", offers.offers, name="offers"),
    path("partners/<int:partner_id>", inside.partner, name="partner"),
    path("partners/<int:partner_id>/events", inside.events, name="partner-events"),
]
