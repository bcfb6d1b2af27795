"""The one network call that a request may make (docs/adr/0016): to an identity provider, short, small, and checked.

Only addresses that the provider's own record names are asked; they are resolved once, must be public, and the
connection goes to the address that was checked. Redirects are not followed.
"""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS, BIGGEST, AT_ONCE, OK = 5, 256 * 1024, BoundedSemaphore(2), 200


class Unreachable(Exception):  # noqa: N818 -- reads as the sentence it is
    """No usable answer: `reason` is for the event and the administrator, never for a stranger."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_allowed(url: str) -> bool:
    """Whether the portal would ask there: https, and no user, fragment or odd sign in it."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    scheme = parts.scheme == "https" or (settings.SSO_PRIVATE and parts.scheme == "http")
    return bool(scheme and parts.hostname and not parts.username and not parts.fragment and _is_plain(url))


def _unfit(url: str) -> str:
    if "@" in url:
        return "An address with a user name or a password in it is not asked: leave them out."
    return "The address does not begin with https://." if "://" in url else "This is not an address."


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def get(url: str) -> dict[str, Any]:
    """Returns the JSON object that stands there. Raises Unreachable."""
    return _ask("GET", url, None, {})


def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
    """Sends a form and returns the JSON object of the answer. Raises Unreachable."""
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return _ask("POST", url, urlencode(form).encode(), sent)


def _ask(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
    if not is_allowed(url):
        raise Unreachable(_unfit(url))
    until = monotonic() + SECONDS
    try:
        with _turn(), _connected(url, until) as connection:
            parts = urlsplit(url)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, {"Accept": "application/json", **headers})
            answer = connection.getresponse()
            raw = _read(connection, answer, until)
            if answer.status != OK:
                raise Unreachable(f"The provider answered {answer.status}.")
            return _object(raw)
    except socket.gaierror as error:
        raise Unreachable("There is no host of this name.") from error
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise Unreachable(f"The provider could not be asked: {type(error).__name__}.") from error


def _read(connection: HTTPConnection, answer: Any, until: float) -> bytes:
    """One byte a second must not hold a thread for a day: the whole answer has its time."""
    raw = b""
    while piece := answer.read1(65536):
        raw += piece
        if len(raw) > BIGGEST:
            raise Unreachable("The provider's answer is too big.")
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock:
            connection.sock.settimeout(left)
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise Unreachable("The provider's answer is no JSON object.")
    return found


@contextmanager
def _turn() -> Iterator[None]:
    """Two at once in one process: a provider that hangs must not take every thread of the portal."""
    if not AT_ONCE.acquire(timeout=SECONDS):
        raise TimeoutError
    try:
        yield
    finally:
        AT_ONCE.release()


@contextmanager
def _connected(url: str, until: float) -> Iterator[HTTPConnection]:
    """Connects to the address that was looked at, so that a second answer of the name server changes nothing."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    kind = HTTPSConnection if is_tls else HTTPConnection
    connection = kind(host, port, timeout=SECONDS)
    plain = socket.create_connection((_public(host, port), port), timeout=max(until - monotonic(), 0.1))
    try:
        context = ssl.create_default_context() if is_tls else None
        connection.sock = context.wrap_socket(plain, server_hostname=host) if context else plain
        yield connection
    finally:
        connection.close()
        plain.close()


def _public(host: str, port: int) -> str:
    """The first address of the host, if every one is public: nobody asks our own network through us."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.SSO_PRIVATE and not all(ip_address(address.partition("%")[0]).is_global for address in found):
        raise Unreachable("The provider's address is not a public one.")
    return found[0]
