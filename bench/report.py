"""Prints figures as they come, and writes bench/RESULTS.md."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from bench.world import execute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figure import Figure
    from bench.size import Size

RESULTS = {
    name: Path(__file__).parent / f"{file}.md"
    for name, file in (("full", "RESULTS"), ("growth", "GROWTH"), ("devices", "DEVICES"))
}
WIDTHS = (26, 34, 38, 8, 34)


def line(figure: Figure) -> str:
    """One row for the terminal."""
    cells = (figure.name, figure.ours, figure.baseline, _ratio(figure), figure.goal)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)) + f"  {figure.verdict}"


def write(figures: Sequence[Figure], size: Size) -> None:
    """The same as a table for readers."""
    rows = [f"| `{f.name}` | {f.ours} | {f.baseline} | {_ratio(f)} | {f.goal} | {f.verdict} |" for f in figures]
    RESULTS[size.name].write_text("\n".join([*_head(size), *rows]) + "\n")


def _head(size: Size) -> list[str]:
    version = execute("SHOW server_version")[0][0]
    return [
        "# Results of `make bench`",
        "",
        f"{size.customers:,} customers, {size.edges:,} edges.",
        f"PostgreSQL {version}, Python {platform.python_version()}, {os.cpu_count()} processors ({_processor()});",
        f"load average at the end {os.getloadavg()[0]:.1f}.",
        "",
        "Each figure is measured beside its baseline, in turns, in one run; medians.",
        "The ratio decides (of processor time where both are given);",
        "times in seconds hang on the machine and are told only: `slow here` fails nothing.",
        "",
        "| What | Ours | Baseline | Ratio | Goal | Verdict |",
        "| --- | --- | --- | --- | --- | --- |",
    ]


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{figure.ratio:.2f}"


def _processor() -> str:
    for row in Path("/proc/cpuinfo").read_text().splitlines():
        if row.startswith("model name"):
            return row.partition(": ")[2]
    return platform.machine()
