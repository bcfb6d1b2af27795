"""Where a request comes from: the address that a proxy of ours saw, and nobody else's word for it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def client_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Puts the client into REMOTE_ADDR when the peer is named in BAILIWICK_PROXIES; limits and events read it there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR") or "unix"
        if peer in settings.TRUSTED_PROXIES:
            said = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            request.META["REMOTE_ADDR"] = _address(said) or peer
        return get_response(request)

    return middleware


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
