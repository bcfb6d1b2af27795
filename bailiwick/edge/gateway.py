"""The life of a reference gateway: it reports its load, hears its service state, and carries no traffic."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bailiwick.edge.beating import Beating

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.edge.identity import Identity

WHOLE = 100


class Gateway(Beating):
    """One gateway; whoever holds it calls `beat` and waits for as long as it says."""

    def __init__(self, identity: Identity, *, load: Callable[[], dict[str, Any]], say: Callable[[str], None]) -> None:
        super().__init__(identity, links=list, say=say)
        self.load = load

    def _report(self) -> dict[str, Any]:
        return {**self._counted(), **self.load()}

    def _obey(self, told: dict[str, Any]) -> None:
        state = self.identity.state
        known = {"heartbeat_seconds": told["heartbeat_seconds"], "service_state": told["state"]}
        if told["state"] != state.get("service_state"):
            self.say(f"The gateway is {told['state']} now.")
        if any(state.get(name) != value for name, value in known.items()):
            self.identity.remember(**known)
        if told["renew"]:
            self._renew()


def load_of_host(edges: int) -> dict[str, Any]:
    """What this machine bears, in percent; it has no edges of its own, so their number is what it was told to say."""
    cpu = min(round(WHOLE * os.getloadavg()[0] / (os.cpu_count() or 1)), WHOLE)
    memory = _memory(Path("/proc/meminfo").read_text())
    return {"connected_edges": edges, "utilization": max(cpu, memory), "cpu": cpu, "memory": memory}


def _memory(text: str) -> int:
    """The part that is not available, in percent (proc(5))."""
    found = {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in text.splitlines())}
    total = found.get("MemTotal", 0)
    return round(WHOLE * (total - found.get("MemAvailable", total)) / total) if total else 0
