"""Many devices in one process: provisioned over REST, activated and beating, for demonstrations and for load."""

from __future__ import annotations

import heapq
import http.client
import json
import ssl
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bailiwick.edge.identity import Identity
from bailiwick.edge.orchestrator import AwayError, RefusedError
from bailiwick.edge.upgrade import LostError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bailiwick.edge.beating import Beating

AT_ONCE = 16
VERSION = "1.0.0"


def provision(portal: str, token: str, customer: int, licence: str, name: str) -> dict[str, Any]:
    """Makes an edge over REST; returns it with its key. Raises RefusedError, OSError."""
    body = {"name": name, "model": "virtual", **({"licence": licence} if licence else {})}
    return made(portal, token, f"customers/{customer}/edges", body)


def made(portal: str, token: str, where: str, said: dict[str, Any]) -> dict[str, Any]:
    """What REST answers to a new row. Raises RefusedError, OSError."""
    parts = urlsplit(portal)
    kind = http.client.HTTPConnection if parts.scheme == "http" else _secure
    connection = kind(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443), timeout=30)
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", f"/api/v1/{where}", body=json.dumps(said), headers=headers)
        response = connection.getresponse()
        found: dict[str, Any] = json.loads(response.read())
    finally:
        connection.close()
    if response.status != http.client.CREATED:
        raise RefusedError(str(found.get("code")), str(found.get("detail")))
    return found


def _secure(host: str, port: int, *, timeout: float) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())


def member(folder: Path, number: int, new: Callable[[str], dict[str, Any]], what: str = "edge") -> Identity:
    """The device of this number: the one of an earlier run, or a new one that is activated now."""
    name = f"fleet-{number:05d}"
    more = {"model": "virtual"} if what == "edge" else {}
    identity = Identity(folder / name)
    if not identity.is_active:
        key = new(name)["activation"]
        identity.activate(
            key["url"], key["key"], pin=key["pin"], serial=name.upper(),
            version=VERSION, what=what, **more,
        )  # fmt: skip
    return identity


class Fleet:
    """All of them beat when they are due; one that is refused is told of, and left out."""

    def __init__(self, members: list[Beating], *, say: Callable[[str], None]) -> None:
        self.say = say
        self.due: list[tuple[float, int, Beating]] = []
        self.pool = ThreadPoolExecutor(AT_ONCE)
        began = time.monotonic()
        for number, each in enumerate(members):
            spread = each.identity.state["heartbeat_seconds"] * number / max(len(members), 1)
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
