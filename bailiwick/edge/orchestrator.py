"""The orchestrator as a device sees it: one connection, JSON both ways, and TLS that trusts one authority."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 15
MOST = 64 * 1024 * 1024  # a configuration may have thousands of objects
ROOT = "/device/v1/"
# It ends in the handshake: there is no answer with a code. Who was off for longer than a certificate lives comes here.
ENDED = (
    "The certificate of this edge has ended. Request a reactivation of the edge in the portal, and activate again: "
    "bailiwick edge activate, in another folder."
)


class AwayError(Exception):
    """It does not answer, or cannot now: go on, and ask again after so many seconds."""

    def __init__(self, reason: str, after: float = 0) -> None:
        super().__init__(reason)
        self.after = after


class RefusedError(Exception):
    """It answered, and said no."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Orchestrator:
    """Asks and hears; a connection that broke is made again for the next question."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        host, port = address(url)
        self._connection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)

    def ask(self, method: str, name: str, said: dict[str, Any] | None = None) -> dict[str, Any]:
        """Returns the answer. Raises AwayError, RefusedError."""
        body = None if said is None else json.dumps(said).encode()
        return _heard(*self._exchange(method, name, {"Content-Type": "application/json"} if body else {}, body))

    def put(self, name: str, content: bytes, *, start: int, total: int) -> None:
        """Sends a part of a file. Raises AwayError, RefusedError."""
        last = start + len(content) - 1
        headers = {"Content-Type": "application/octet-stream", "Content-Range": f"bytes {start}-{last}/{total}"}
        _heard(*self._exchange("PUT", name, headers, content))

    def fetch(self, name: str, *, start: int) -> bytes:
        """A part of a file, from its byte `start` on; never empty. Raises AwayError, RefusedError."""
        status, content, after = self._exchange("GET", name, {"Range": f"bytes={start}-"})
        if status == http.client.PARTIAL_CONTENT and content:
            return content
        _heard(status, content, after)
        raise AwayError(f"It answered {status} with no part of a file.")

    def _exchange(
        self, method: str, name: str, headers: dict[str, str], body: bytes | None = None
    ) -> tuple[int, bytes, str]:
        """Status, content, and when to ask again."""
        try:
            self._connection.request(method, ROOT + name, body=body, headers=headers)
            response = self._connection.getresponse()
            return response.status, response.read(MOST), response.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if "CERTIFICATE_EXPIRED" in (getattr(error, "reason", None) or ""):
                raise RefusedError("certificate_expired", ENDED) from None
            raise AwayError(str(error) or type(error).__name__) from None

    def close(self) -> None:
        """Leaves."""
        with suppress(OSError):
            self._connection.close()


def address(url: str) -> tuple[str, int]:
    """Host and port. Raises RefusedError."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname:
            return parts.hostname, parts.port or 443
    except ValueError:  # a port that is none
        pass
    raise RefusedError("address", f"{url} is no https address.")


def trusting(authority: Path, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Trusts this authority and no other; shows a certificate where there is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(str(authority))
        if certificate and key:
            context.load_cert_chain(str(certificate), str(key))
    except OSError:  # ssl.SSLError is one
        raise RefusedError("identity", f"{authority.parent} holds no certificate that can be used.") from None
    return context


def pinned_authority(url: str, pin: str) -> str:
    """The authority's certificate in PEM: the connection is not trusted, what it brings is compared with the pin."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    asked = Orchestrator(url, context)
    try:
        found = str(asked.ask("GET", "authority").get("authority", ""))
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(found)).hexdigest()
    except ValueError:
        raise RefusedError("authority", "This address is no orchestrator.") from None
    finally:
        asked.close()
    if fingerprint != pin.replace(":", "").strip().lower():
        raise RefusedError("pin", "Who answers there is not whom the pin names. Nothing was sent.")
    return found


def _heard(status: int, text: bytes, after: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise AwayError(f"It answered {status} with what is no JSON.") from None
    if status == http.client.OK and isinstance(found, dict):
        return found
    if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.TOO_MANY_REQUESTS:
        raise AwayError(str(found.get("detail", status)), float(after) if after.isdecimal() else 0)
    raise RefusedError(str(found.get("code", status)), str(found.get("detail", status)))
