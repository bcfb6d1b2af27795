"""The path of every page; the rail and the top bar show a page as soon as its name stands here (web/frame.py)."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic.base import RedirectView

from bailiwick.web import actions, images, licences, menu, plan, profiles, rollouts
from bailiwick.web.bin import deleted
from bailiwick.web.customer import configuration, confirm, events, overview, settings
from bailiwick.web.customers import choices
from bailiwick.web.customers.files import selection_file
from bailiwick.web.customers.page import customers
from bailiwick.web.customers.panel import panel
from bailiwick.web.imports import choose, result
from bailiwick.web.imports import columns as import_columns
from bailiwick.web.jobs import again, index, page, refused
from bailiwick.web.pickers import pick
from bailiwick.web.search import search

urlpatterns = [
    # First: it is asked for most, and paths are tried one after the other.
    path("customers", customers, name="customers"),
    path("", RedirectView.as_view(url="/customers"), name="home"),
    path("", include("bailiwick.web.people.urls")),
    path("", include("bailiwick.web.partners.urls")),
    path("", include("bailiwick.web.customer.urls")),
    path("", include("bailiwick.web.gateways.urls")),
    path("actions/menu", menu.menu, name="actions-menu"),
    path("actions/<slug:slug>/dialog", actions.dialog, name="action-dialog"),
    path("actions/<slug:slug>/preview", actions.previewed, name="action-preview"),
    path("actions/<slug:slug>/plan", plan.page, name="action-plan"),
    path("actions/<slug:slug>/plan.csv", plan.as_csv, name="action-plan-file"),
    path("actions/<slug:slug>", actions.act, name="action-submit"),
    path("jobs", index.jobs, name="jobs"),
    path("jobs/running", index.running_jobs, name="running-jobs"),
    path("jobs/<int:job_id>", page.job, name="job"),
    path("jobs/<int:job_id>/live", page.live, name="job-live"),
    path("jobs/<int:job_id>/rows", page.rows, name="job-rows"),
    path("jobs/<int:job_id>/refused.csv", refused.refused_csv, name="job-refused"),
    path("jobs/<int:job_id>/cancel", again.cancel_job, name="cancel-job"),
    path("jobs/<int:job_id>/retry", again.retry_job, name="retry-job"),
    path("jobs/<int:job_id>/undo", again.undo_job, name="undo-job"),
    path("customers/selection-file", selection_file, name="selection-file"),
    path("customers/filter", choices.filter_panel, name="customers-filter"),
    path("customers/columns", choices.columns, name="customers-columns"),
    path("customers/width", choices.width, name="customers-width"),
    path("customers/page-size", choices.page_size, name="customers-page-size"),
    path("customers/views", choices.saved_view, name="save-view"),
    path("customers/views/menu", choices.views, name="views-menu"),
    path("customers/views/<int:view_id>/forget", choices.forget, name="forget-view"),
    path("customers/<int:customer_id>/panel", panel, name="customer-panel"),
    path("operator-profiles", profiles.listing, name="operator-profiles"),
    path("operator-profiles/new", profiles.new, name="new-operator-profile"),
    path("operator-profiles/<int:profile_id>", profiles.edit, name="operator-profile"),
    path("operator-profiles/<int:profile_id>/delete", profiles.delete, name="delete-operator-profile"),
    path("operator-profiles/<int:profile_id>/remove", profiles.remove, name="remove-operator-profile"),
    path("rollouts", rollouts.listing, name="rollouts"),
    path("rollouts/new", rollouts.new, name="new-rollout"),
    path("rollouts/<int:rollout_id>", rollouts.one, name="rollout"),
    path("rollouts/<int:rollout_id>/live", rollouts.live, name="rollout-live"),
    path("rollouts/<int:rollout_id>/<slug:deed>", rollouts.turn, name="turn-rollout"),
    path("edge-licences", licences.listing, name="edge-licences"),
    path("edge-licences.csv", licences.report, name="edge-licences-file"),
    path("edge-licences/new", licences.new, name="new-edge-licence"),
    path("software-images", images.listing, name="software-images"),
    path("software-images/new", images.new, name="new-software-image"),
    path("software-images/<int:image_id>/file", images.give_file, name="software-image-file"),
    path("software-images/<int:image_id>/deprecate", images.deprecate, name="deprecate-software-image"),
    path("software-images/<int:image_id>/delete", images.delete, name="delete-software-image"),
    path("pick/<str:what>", pick, name="pick"),
    path("search", search, name="search"),
    path("customers/deleted", deleted, name="deleted-customers"),
    path("customers/import", choose.choose, name="customers-import"),
    path("customers/import/<uuid:file>", import_columns.columns, name="import-columns"),
    path("customers/import/<uuid:file>/preview", result.previewed, name="import-preview"),
    path("customers/import/<uuid:file>/problems.csv", result.problems_csv, name="import-problems"),
    path("customers/import/<uuid:file>/run", result.run, name="import-run"),
    path("customers/<int:customer_id>", overview.overview, name="customer"),
    path("customers/<int:customer_id>/settings", settings.settings, name="customer-settings"),
    path("customers/<int:customer_id>/configuration", configuration.listing, name="customer-configuration"),
    path(
        "customers/<int:customer_id>/configuration/new/<slug:slug>", configuration.new, name="new-configuration-object"
    ),
    path("customers/<int:customer_id>/configuration/<int:local_id>", configuration.one, name="configuration-object"),
    path(
        "customers/<int:customer_id>/configuration/<int:local_id>/delete",
        configuration.delete,
        name="delete-configuration-object",
    ),
    path(
        "customers/<int:customer_id>/configuration/<int:local_id>/versions/<int:version>/restore",
        configuration.roll_back,
        name="roll-back-configuration-object",
    ),
    path("customers/<int:customer_id>/confirm-contact", confirm.send, name="confirm-contact"),
    path("confirm-address/<str:secret>", confirm.confirm, name="confirm-address"),
    path("customers/<int:customer_id>/events", events.events, name="customer-events"),
]
