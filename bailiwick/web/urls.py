"""The path of every page; the rail and the top bar show a page as soon as its name stands here (web/frame.py)."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic.base import RedirectView

from bailiwick.web import actions, menu
from bailiwick.web.bin import deleted
from bailiwick.web.customer import events, overview, settings
from bailiwick.web.jobs import again, index, page, refused

urlpatterns = [
    path("", RedirectView.as_view(url="/customers"), name="home"),
    path("", include("bailiwick.web.people.urls")),
    path("actions/menu", menu.menu, name="actions-menu"),
    path("actions/<slug:slug>/dialog", actions.dialog, name="action-dialog"),
    path("actions/<slug:slug>/preview", actions.previewed, name="action-preview"),
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
    path("customers/deleted", deleted, name="deleted-customers"),
    path("customers/<int:customer_id>", overview.overview, name="customer"),
    path("customers/<int:customer_id>/settings", settings.settings, name="customer-settings"),
    path("customers/<int:customer_id>/events", events.events, name="customer-events"),
]
