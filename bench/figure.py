"""One measured figure beside its baseline and its goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.measure import Series


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio decides; an aim in absolute terms is told, and judged by the reader who knows the machine."""

    name: str
    ours: str
    baseline: str
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    aim: str = ""
    aim_met: bool = True

    @property
    def is_missed(self) -> bool:
        """Whether the ratio is on the wrong side of its goal."""
        if self.ratio is None:
            return False
        too_much = self.at_most is not None and self.ratio > self.at_most
        return too_much or (self.at_least is not None and self.ratio < self.at_least)

    @property
    def goal(self) -> str:
        """The goal in words."""
        parts = [f"at most {self.at_most:g} x" if self.at_most is not None else ""]
        parts += [f"at least {self.at_least:g} x" if self.at_least is not None else "", self.aim]
        return "; ".join(filter(None, parts))

    @property
    def verdict(self) -> str:
        """One word."""
        if self.is_missed:
            return "MISSED"
        return "ok" if self.aim_met else "slow here"


def by_processor(
    name: str, ours: Series, floor: Series, *, at_most: float, aim: str = "", aim_met: bool = True
) -> Figure:
    """A figure whose ratio is that of processor time; wall time stands beside it."""
    return Figure(
        name=name,
        ours=both(ours),
        baseline=both(floor),
        ratio=ours.cpu_ms / floor.cpu_ms,
        at_most=at_most,
        aim=aim,
        aim_met=aim_met,
    )


def both(series: Series) -> str:
    """Wall time and processor time."""
    return f"{milliseconds(series.wall_ms)} (CPU {milliseconds(series.cpu_ms)})"


def milliseconds(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"
