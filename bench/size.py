"""How much data a run works on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """`full` measures; `small` only shows that every scenario still runs; `growth` begins small and grows.

    `devices` has so many real edges beside it.
    """

    name: str
    customers: int
    edges: int
    steps: tuple[int, ...]
    rounds: int

    @property
    def judges(self) -> bool:
        """Whether ratios mean something at this size."""
        return self.name != "small"


SIZES = {
    "small": Size(name="small", customers=1_000, edges=10_000, steps=(100, 1_000), rounds=1),
    "growth": Size(name="growth", customers=1_000, edges=10_000, steps=(), rounds=5),
    "devices": Size(name="devices", customers=1_000, edges=10_000, steps=(5_000,), rounds=3),
    "full": Size(name="full", customers=100_000, edges=1_000_000, steps=(100, 1_000, 10_000, 100_000), rounds=5),
}
