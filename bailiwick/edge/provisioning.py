"""How the devices of a fleet come to be: made over REST, as whom a token says; one that is there has a new key."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bailiwick.edge.orchestrator import RefusedError, address

SECONDS = 30


class Portal(NamedTuple):
    """The REST door of the portal."""

    url: str
    token: str

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Returns the answer. Raises RefusedError, OSError."""
        connection = _connection(self.url)
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"/api/v1/{path}", body=sent, headers=headers)
            response = connection.getresponse()
            found: dict[str, Any] = json.loads(response.read())
        except ValueError:
            raise RefusedError("address", f"{self.url} is no portal.") from None
        finally:
            connection.close()
        if response.status not in (http.client.OK, http.client.CREATED):
            raise RefusedError(_code(found), str(found.get("detail")))
        return found

    def made(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The activation of a new device, or None: its name is taken. Raises RefusedError, OSError."""
        try:
            return dict(self.ask("POST", path, body)["activation"])
        except RefusedError as refused:
            if refused.code != "name_taken":
                raise
        return None

    def found(self, path: str, name: str) -> dict[str, Any]:
        """The row of this name, of all pages. Raises RefusedError, OSError."""
        after = ""
        while True:
            page = self.ask("GET", f"{path}limit=2048{after}")
            for row in page["data"]:
                if row["name"] == name:
                    return dict(row)
            if not page["next"]:
                raise RefusedError("name_taken", f"{name} is there, and is not seen.")
            after = f"&after={page['next']}"


class Edges(NamedTuple):
    """Of one customer."""

    portal: Portal
    customer: int
    licence: str = ""
    profile: int = 0

    def provision(self, name: str, serial: str) -> dict[str, Any]:
        """The key of this edge, where it is used and the pin. Raises RefusedError, OSError."""
        chosen = {"licence": self.licence, "profile": self.profile}
        given = {"name": name, "model": "virtual", **{what: value for what, value in chosen.items() if value}}
        # An earlier run was interrupted between making the edge and keeping what its device was told.
        return self.portal.made(f"customers/{self.customer}/edges", given) or self._once_more(name, serial)

    def _once_more(self, name: str, serial: str) -> dict[str, Any]:
        edge = self.portal.found(f"edges?customer={self.customer}&", name)
        if edge["activation_state"] == "ACTIVATED":
            return self.portal.ask("POST", f"edges/{edge['id']}/reactivation", {"serial_number": serial})
        return self.portal.ask("POST", f"edges/{edge['id']}/activation-key", {})


class Gateways(NamedTuple):
    """In one pool, or in none."""

    portal: Portal
    pool: int = 0

    def provision(self, name: str, _serial: str) -> dict[str, Any]:
        """As an edge's."""
        own = f"gw-{name}"
        given = {"name": own, "pools": [self.pool] if self.pool else []}
        return self.portal.made("gateways", given) or self._once_more(own)

    def _once_more(self, name: str) -> dict[str, Any]:
        gateway = self.portal.found("gateways?", name)
        return self.portal.ask("POST", f"gateways/{gateway['id']}/activation-key", {})


def _code(found: dict[str, Any]) -> str:
    """Of the first field that is wrong, or of the whole."""
    of_fields = [each["code"] for errors in (found.get("errors") or {}).values() for each in errors]
    return str((of_fields or [found.get("code")])[0])


def _connection(url: str) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname:
            return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=SECONDS)
    except ValueError:
        raise RefusedError("address", f"{url} is no address of a portal.") from None
    return http.client.HTTPSConnection(*address(url), timeout=SECONDS, context=ssl.create_default_context())
