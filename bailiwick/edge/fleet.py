"""Many edges in one process: provisioned over REST, activated and beating, for demonstrations and for load."""

from __future__ import annotations

import heapq
import http.client
import json
import ssl
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from bailiwick.edge.beating import Beating, one_link
from bailiwick.edge.identity import Identity
from bailiwick.edge.orchestrator import AwayError, RefusedError, address
from bailiwick.edge.upgrade import LostError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AT_ONCE = 16
VERSION = "1.0.0"
SECONDS = 30


class Maker(NamedTuple):
    """Makes edges over REST, as whom the token says."""

    portal: str
    token: str
    customer: int
    licence: str = ""
    profile: int = 0

    def provision(self, name: str, serial: str) -> dict[str, Any]:
        """A key for the edge of this name, which is made unless it is there already. Raises RefusedError, OSError."""
        chosen = {"licence": self.licence, "profile": self.profile}
        given = {"name": name, "model": "virtual", **{what: value for what, value in chosen.items() if value}}
        try:
            made: dict[str, Any] = self.ask("POST", f"customers/{self.customer}/edges", given)["activation"]
        except RefusedError as refused:
            if refused.code != "name_taken":
                raise
            # An earlier run was interrupted between making the edge and keeping what its device was told.
            return self._once_more(self._found(name), serial)
        return made

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Returns the answer. Raises RefusedError, OSError."""
        connection = _connection(self.portal)
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, f"/api/v1/{path}", body=None if body is None else json.dumps(body), headers=headers
            )
            response = connection.getresponse()
            found: dict[str, Any] = json.loads(response.read())
        except ValueError:
            raise RefusedError("address", f"{self.portal} is no portal.") from None
        finally:
            connection.close()
        if response.status not in (http.client.OK, http.client.CREATED):
            raise RefusedError(_code(found), str(found.get("detail")))
        return found

    def _found(self, name: str) -> dict[str, Any]:
        after = ""
        while True:
            page = self.ask("GET", f"edges?customer={self.customer}&limit=2048{after}")
            for edge in page["data"]:
                if edge["name"] == name:
                    return dict(edge)
            if not page["next"]:
                raise RefusedError("name_taken", f"{name} is there, and is not seen.")
            after = f"&after={page['next']}"

    def _once_more(self, edge: dict[str, Any], serial: str) -> dict[str, Any]:
        if edge["activation_state"] == "ACTIVATED":
            return self.ask("POST", f"edges/{edge['id']}/reactivation", {"serial_number": serial})
        return self.ask("POST", f"edges/{edge['id']}/activation-key", {})


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


def member(folder: Path, number: int, maker: Maker) -> Identity:
    """The edge of this number: the one of an earlier run, or a new one that is activated now."""
    name = f"fleet-{number:05d}"
    identity, serial = Identity(folder / name), name.upper()
    if not identity.is_active:
        told = maker.provision(name, serial)
        identity.activate(told["url"], told["key"], pin=told["pin"], serial=serial, model="virtual", version=VERSION)
    return identity


class Fleet:
    """All of them beat when they are due; one that is refused is told of, and left out."""

    def __init__(self, members: list[Identity], *, say: Callable[[str], None], failing: int = 0) -> None:
        self.say = say
        self.due: list[tuple[float, int, Beating]] = []
        self.pool = ThreadPoolExecutor(AT_ONCE)
        began = time.monotonic()
        for number, identity in enumerate(members):
            spread = identity.state["heartbeat_seconds"] * number / max(len(members), 1)
            each = Beating(identity, links=one_link, fails_upgrade=number < failing)
            heapq.heappush(self.due, (began + spread, number, each))

    def live(self) -> None:
        """Until somebody ends it, or nobody is left."""
        beating: dict[Future[float], tuple[int, Beating]] = {}
        while self.due or beating:
            while self.due and self.due[0][0] <= time.monotonic() and len(beating) < AT_ONCE:
                _at, number, each = heapq.heappop(self.due)
                beating[self.pool.submit(each.beat)] = number, each
            for done in [future for future in beating if future.done()]:
                self._again(done, *beating.pop(done))
            time.sleep(0.005)

    def _again(self, done: Future[float], number: int, each: Beating) -> None:
        try:
            heapq.heappush(self.due, (time.monotonic() + done.result(), number, each))
        except (RefusedError, AwayError, LostError) as error:
            self.say(f"{each.identity.folder.name}: {error}")
