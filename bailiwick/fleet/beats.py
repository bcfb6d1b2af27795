"""What a heartbeat says, and what it hears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID

    from bailiwick.fleet.assignment import Assignment

BAD_LINKS = ("UNSTABLE", "DISCONNECTED")
KEPT = 8  # ids of heartbeats


class Beat(NamedTuple):
    """One heartbeat, validated by the door."""

    run: int
    sequence: int
    id: UUID
    software_version: str
    configuration_version: str
    links: list[dict[str, Any]]
    clock_skew: int
    address: str

    @property
    def is_degraded(self) -> bool:
        """Whether a link that the device has does not carry what it should."""
        return any(link["state"] in BAD_LINKS for link in self.links)

    @property
    def place(self) -> tuple[int, int]:
        """Grows with each heartbeat of one device."""
        return self.run, self.sequence


class Told(NamedTuple):
    """What the device hears."""

    assignment: Assignment
    renew: bool
