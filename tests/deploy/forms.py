"""Forms of requests that a proxy and the portal behind it could read differently (N-15)."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass

from tests.deploy.client import complete, connect

PATHS = (
    "/customers", "/users", "/events", "/jobs", "/account", "/properties", "/customers/1", "/api/v1/customers",
    "/api/v1/actions", "/api/v1/jobs", "/api/v1/users", "/api/v1/openapi.json", "/healthz", "/readyz", "/sign-in",
    "/static/bailiwick/bailiwick.css", "/api/v1/actions/delete-customer/preview", "/actions/menu",
)  # fmt: skip
# How a path may be twisted: what stands before it, what replaces its first stroke, what stands behind it.
BEFORE = ("", "", "", "/", "/.", "/healthz/..", "/healthz/%2e%2e", "/static/..", "/static/%2e%2e", "/sign-in;", "/%2e",
          "http://evil.example", "http://localhost", "//evil.example", "/\\..")  # fmt: skip
STROKES = ("/", "/", "/", "//", "/./", "%2f", "/%2e/", "\\", "/;/", "/%00", "/%0a", "/%20", "/%c0%ae")
BEHIND = ("", "", "", "/", "//", ";", ";x=/healthz", "%3b", "%2f", "/.", "/..", "/%2e%2e", "/../healthz", "%00", "?",
          "/..;/healthz", "%0d%0aX-Forwarded-For:%20127.0.0.1", "?/healthz", "?next=//evil.example", "#/healthz",
          ".css", "%20", "%23", "%3f/healthz", "~", "\\..\\healthz", "?_method=GET")  # fmt: skip
METHODS = ("GET", "GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE", "get", "X")
HOSTS = ("portal.example.net", "portal.example.net", "portal.example.net", "127.0.0.1", "localhost", "evil.example",
         "portal.example.net:443", "portal.example.net.", "portal.example.net@evil.example", "PORTAL.example.NET",
         "evil.example/portal.example.net", "")  # fmt: skip
FORGED = (
    "X-Forwarded-For: 6.6.6.6", "X_Forwarded_For: 6.6.6.6", "x-forwarded-for : 6.6.6.6", "X-Forwarded-For: 127.0.0.1",
    "X-Real-Ip: 6.6.6.6", "X_Real_Ip: 6.6.6.6", "True-Client-Ip: 6.6.6.6", "X-Client-Ip: 6.6.6.6", "Via: 6.6.6.6",
    "Forwarded: for=6.6.6.6;host=evil.example;proto=https", "X-Forwarded-Host: evil.example", "X-Host: evil.example",
    "X_Forwarded_Host: evil.example", "X-Forwarded-Server: evil.example", "X-Forwarded-Proto: http",
    "X_Forwarded_Proto: http", "X-Forwarded-Ssl: off", "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil.example",
    "X-Original-Url: /healthz", "X-Rewrite-Url: /healthz", "X-Script-Name: /evil.example", "Script_Name: /evil.example",
    "Path_Info: /healthz", "Path-Info: /healthz", "Remote-User: olga@operator.example", "Remote_Addr: 127.0.0.1",
    "X-Forwarded-User: olga@operator.example", "X-Remote-User: olga@operator.example", "Remote-Addr: 127.0.0.1",
    "Wsgi.Url_Scheme: http", "X-Http-Method-Override: GET", "X-Http-Method: GET", "X-Ssl-Client-Verify: SUCCESS",
    "Connection: close, Authorization", "Connection: close, Cookie", "Connection: close, X-Forwarded-For",
    "Upgrade: h2c", "Proxy: http://evil.example", "Content-Length: 0", "Te: trailers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A request as bytes, but for who asks."""

    method: str
    target: str
    host: str
    headers: tuple[str, ...]

    def written(self, who: str) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host}", *self.headers, who, "Connection: close"]
        return "\r\n".join([*(line for line in lines if line), "", ""]).encode("latin-1")


def forms(number: int) -> list[Form]:
    """Always the same, and the plain ones first."""
    dice, found = random.Random(15), [Form("GET", path, HOSTS[0], ()) for path in PATHS]
    while len(found) < number:
        path = dice.choice(PATHS)[1:]
        headers = tuple(dice.sample(FORGED, dice.randint(0, 3)))
        twisted = dice.choice(BEFORE) + dice.choice(STROKES) + path + dice.choice(BEHIND)
        target = twisted if len(found) % 2 else f"/{path}"
        found.append(
            Form(dice.choice(METHODS), target, dice.choice(HOSTS) if dice.random() < 0.4 else HOSTS[0], headers)
        )
    return found


def direct(port: int, source: str) -> socket.socket:
    """Past the proxy, from an address that is none."""
    return socket.create_connection(("127.0.0.1", port), timeout=2, source_address=(source, 0))


def asked(connection: socket.socket, request: bytes) -> tuple[int, str]:
    """The status and all that came, head and body; 0 where nothing did."""
    with connection:
        connection.sendall(request)
        answer = b""
        try:
            while part := connection.recv(65_536):
                answer += part
                if complete(answer):
                    break
        except (ConnectionResetError, TimeoutError):
            pass
    words = answer.split(b" ", 2)
    return (int(words[1]) if len(words) > 2 and words[0].startswith(b"HTTP/") else 0), answer.decode("utf-8", "replace")


def through(port: int, source: str) -> socket.socket:
    return connect(port, source=source, timeout=2)
