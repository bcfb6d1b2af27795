"""EXP-08 and INV-08: large files come in time and in constant memory."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from django.core.management import call_command

from bailiwick.actions import MENU
from bailiwick.engine.exports.dialect import BLOCK
from bailiwick.engine.exports.export import download
from tests.world import NOW, World

EDGES_FOR_EACH = 10
SIZES = [
    pytest.param(4_000, id="short"),
    pytest.param(10_000, id="long", marks=pytest.mark.slow),
]
# A block that is joined, one that leaves, and what the rows and the driver take meanwhile.
MOST_MEMORY = 5 * BLOCK


@pytest.mark.parametrize("customers", SIZES)
def test_exp_08_ten_thousand_customers_come_within_ten_seconds_in_bounded_memory(
    lasting_world: World, customers: int
) -> None:
    call_command("seed", customers=customers, edges=1)
    read(lasting_world, "export-all-customers", rows=customers + 1, within=10)


@pytest.mark.parametrize("customers", SIZES)
def test_inv_08_a_hundred_thousand_edges_are_streamed_and_finished_within_sixty_seconds(
    lasting_world: World, customers: int
) -> None:
    call_command("seed", customers=customers, edges=customers * EDGES_FOR_EACH)
    read(lasting_world, "export-customer-edge-inventory", rows=customers * EDGES_FOR_EACH, within=60)


def read(world: World, slug: str, *, rows: int, within: float) -> None:
    """Reads the file block by block and keeps none: its rows, its time, and the most memory it took."""
    blocks = download(world.actor(world.olga), MENU.entry(slug), raw={}, now=NOW).blocks
    tracemalloc.start()
    began, lines, size = time.monotonic(), 0, 0
    for block in blocks:
        lines, size = lines + block.count(b"\r\n"), size + len(block)
    took, (_now, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{rows:,} rows, {size / 1e6:.1f} MB in {took:.1f} s, at most {peak / 1e6:.1f} MB of memory")
    assert lines == rows + 1
    assert took < within
    assert peak < MOST_MEMORY < size
