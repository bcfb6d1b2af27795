"""The life of a device: it says how it is, does what it is told, and goes on when nobody answers."""

from __future__ import annotations

import random
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bailiwick.edge import upgrade
from bailiwick.edge.diagnostics import Making
from bailiwick.edge.orchestrator import AwayError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.edge.identity import Identity

JITTER = 0.1
FIRST_PAUSE = 1.0
LATER, LATEST = 300.0, 6 * 3600.0  # seconds
LIVING_LINKS = {"up": "STABLE", "unknown": "STABLE", "dormant": "STANDBY"}
MOST_LINKS = 32
IS_UP = 1  # somebody switched the interface on; what nobody uses is no link


def _nothing(_sentence: str) -> None:
    """A fleet of thousands says only what ends."""


class Wrong:
    """An image that came with another hash than its own: it is asked for again later and later, any other at once."""

    def __init__(self) -> None:
        self.sha256, self.times, self.until = "", 0, 0.0

    def came(self, sha256: str) -> float:
        """Once more; returns the seconds until it is asked for again."""
        self.times = self.times + 1 if sha256 == self.sha256 else 0
        wait = min(LATER * float(2**self.times), LATEST)
        self.sha256, self.until = sha256, time.monotonic() + wait
        return wait

    def may_try(self, sha256: str) -> bool:
        """Whether it is another one, or its time has come."""
        return sha256 != self.sha256 or time.monotonic() >= self.until


class Beating:
    """One device; whoever holds it calls `beat` and waits for as long as it says."""

    def __init__(
        self,
        identity: Identity,
        *,
        links: Callable[[], list[dict[str, Any]]],
        say: Callable[[str], None] = _nothing,
        fails_upgrade: bool = False,
    ) -> None:
        self.identity, self.links, self.say, self.fails_upgrade = identity, links, say, fails_upgrade
        self.run, self.sequence, self.failures = identity.begin(), 0, 0
        self.door = identity.orchestrator()
        self.waiting: dict[str, Any] | None = None
        self.making: Making | None = None
        self.reason = ""
        self.wrong = Wrong()

    def beat(self) -> float:
        """Sends a heartbeat, the last one if nobody answered it; returns the seconds to wait. Raises RefusedError."""
        self.waiting = self.waiting or self._report()
        try:
            told = self.door.ask("POST", self.identity.path("heartbeat"), self.waiting)
            self._obey(told)
        except AwayError as away:
            self.reason = str(away)
            return self._pause(away.after)
        except RefusedError as refused:
            if refused.code != "out_of_step":
                raise
        self.waiting, self.failures = None, 0
        return self._interval() * random.uniform(1 - JITTER, 1)  # noqa: S311 -- spreads load, and keeps no secret

    def resign(self) -> None:
        """Gives the place back. Raises RefusedError, AwayError."""
        self.door.ask("POST", self.identity.path("deactivate"), {})
        self.identity.forget()

    def _counted(self) -> dict[str, Any]:
        """What every device says in each heartbeat."""
        self.sequence += 1
        return {
            "id": str(uuid.uuid4()),
            "run": self.run,
            "sequence": self.sequence,
            "software_version": self.identity.state["software_version"],
        }

    def _report(self) -> dict[str, Any]:
        return {
            **self._counted(),
            "at": datetime.now(UTC).isoformat(),
            "configuration_version": self.identity.state.get("configuration_version", ""),
            "links": self.links(),
        }

    def _obey(self, told: dict[str, Any]) -> None:
        state = self.identity.state
        if told["heartbeat_seconds"] != state.get("heartbeat_seconds") or told["image"] != state.get("ordered_image"):
            self.identity.remember(heartbeat_seconds=told["heartbeat_seconds"], ordered_image=told["image"])
        if told["configuration_version"] != state.get("configuration_version"):
            found = self.door.ask("GET", "configuration")
            self.identity.configure(found["document"], found["version"])
        if told["image"] and told["image"]["sha256"] and self.wrong.may_try(told["image"]["sha256"]):
            self._upgrade(told["image"])
        if told.get("bundle"):
            self._tell(told["bundle"])
        if told["renew"]:
            self._renew()

    def _renew(self) -> None:
        self.identity.renew(self.door)
        self.door.close()
        self.door = self.identity.orchestrator()

    def _tell(self, order: dict[str, Any]) -> None:
        """Makes a bundle beside the heartbeats; what is not sent now is sent after the next one."""
        if self.making is None or self.making.order != order:
            self.making = Making(self.identity, order, self.links)
        if self.making.hand_over(self.door):
            self.making = None

    def _upgrade(self, image: dict[str, Any]) -> None:
        """Between two heartbeats; a device that runs another image begins anew. Raises LostError."""
        if self.fails_upgrade:
            raise upgrade.LostError(f"The edge is lost: it was to fail the upgrade to {image['version']}.")
        try:
            if upgrade.go_on(self.identity, self.door, image, seconds=self._interval() / 2):
                self.run, self.sequence = self.identity.begin(), 0
                self.say(f"The edge runs {image['version']} now.")
        except upgrade.WrongImageError as error:
            wait = self.wrong.came(image["sha256"])
            self.say(f"{error} The edge asks for it again in {wait / 60:.0f} minutes.")
        except RefusedError as refused:
            if refused.code != "unknown_image":  # another one was ordered meanwhile: the next heartbeat says which
                raise

    def _pause(self, after: float) -> float:
        """Longer each time, never longer than a heartbeat unless we were asked to, and not at once with all others."""
        longest = min(FIRST_PAUSE * 2**self.failures, self._interval())
        self.failures = min(self.failures + 1, 16)
        spread = random.uniform(0.5, 1)  # noqa: S311 -- as above
        return float(max(after, longest) * spread)

    def _interval(self) -> float:
        return float(self.identity.state["heartbeat_seconds"])


def live(beating: Beating, *, say: Callable[[str], None]) -> None:
    """Beats until somebody ends it. Raises RefusedError where the orchestrator wants no more of it."""
    away = False
    while True:
        wait = beating.beat()
        if bool(beating.failures) != away:
            away = bool(beating.failures)
            is_away = f"The orchestrator does not answer ({beating.reason}). The {beating.identity.what} goes on."
            say(is_away if away else "The orchestrator answers again.")
        time.sleep(wait)


def links_of_host() -> list[dict[str, Any]]:
    """The network interfaces of this machine, as the kernel sees them."""
    found = []
    for path in sorted(Path("/sys/class/net").iterdir()):
        try:
            state = (path / "operstate").read_text().strip()
            is_wanted = int((path / "flags").read_text(), 16) & IS_UP
        except (OSError, ValueError):
            continue
        if is_wanted and path.name != "lo":
            found.append({"name": path.name[:64], "state": LIVING_LINKS.get(state, "DISCONNECTED")})
    return found[:MOST_LINKS]


def one_link() -> list[dict[str, Any]]:
    """What each edge of a made-up fleet reports."""
    return [{"name": "wan1", "state": "STABLE"}]
