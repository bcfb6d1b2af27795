"""Addresses of the tests beside the portal's: views that write."""

from __future__ import annotations

from django.db import connection
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from bailiwick.access.notes import Note, noted
from bailiwick.models import SoftwareImage


def _write() -> HttpResponse:
    SoftwareImage.objects.create(name="Planted", version="1.0")
    return HttpResponse("written")


@csrf_exempt
def writes(_request):
    return _write()


def writes_under_a_name(_request):
    with noted(Note.EXPORT):
        return _write()


def breaks(_request):
    """As a request that a fault of the database ends: the next one finds a connection with errors."""
    connection.errors_occurred = True
    return HttpResponse("broken")


urlpatterns = [
    path("readyz/writes", writes),
    path("readyz/noted", writes_under_a_name),
    path("readyz/breaks", breaks),
    path("", include("bailiwick.urls")),
]
