"""What a passkey is bound to: the host and the origin that the browser shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http.request import split_domain_port

from bailiwick.access.factor.passkey import Site

if TYPE_CHECKING:
    from django.http import HttpRequest


def site_of(request: HttpRequest) -> Site:
    """The host is one of ALLOWED_HOSTS: Django refuses any other before a view runs."""
    host = request.get_host()
    scheme = "https" if settings.TLS or request.is_secure() else "http"
    return Site(host=split_domain_port(host)[0], origin=f"{scheme}://{host}")
