"""The path of every page; the rail and the top bar show a page as soon as its name stands here (web/frame.py)."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic.base import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/customers"), name="home"),
    path("", include("bailiwick.web.people.urls")),
]
