"""docs/negatives.md names for each real failure a test that exists and runs."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^\| (?P<id>[NR]-\d\d) \| (?P<applies>[^|]+) \| (?P<tests>[^|]*)\|$", re.MULTILINE)
WANTED = {*(f"N-{number:02}" for number in range(1, 43)), "R-05", *(f"R-{number}" for number in range(20, 31)), "R-38",
          "R-39"}  # fmt: skip


def lines(text: str) -> dict[str, tuple[str, list[str]]]:
    return {
        each["id"]: (each["applies"].strip(), re.findall(r"`([^`]+)`", each["tests"])) for each in LINE.finditer(text)
    }


TABLE = lines((ROOT / "docs" / "negatives.md").read_text())


@cache
def parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text())


def wrong(node_id: str) -> str:
    """What is wrong with the test that stands for this failure."""
    file, _colons, name = node_id.partition("::")
    if not (ROOT / file).is_file():
        return f"{node_id}: there is no such file"
    found = next((node for node in parsed(file).body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if found is None:
        return f"{node_id}: there is no such test"
    said = ast.unparse(found)
    if re.search(r"mark\.(skip|skipif|xfail)|pytest\.(skip|xfail)\(", said):
        return f"{node_id}: it may be skipped"
    if "pytest.mark.slow" in said and "pytest.param" not in said:
        return f"{node_id}: only its long form runs"
    return "" if name.startswith("test_") else f"{node_id}: pytest does not run it"


def test_every_failure_has_a_line_and_no_other():
    assert set(TABLE) == WANTED


@pytest.mark.parametrize("known", sorted(WANTED))
def test_what_applies_has_tests_that_run_and_what_does_not_says_why(known: str):
    applies, tests = TABLE[known]
    assert [fault for each in tests if (fault := wrong(each))] == []
    assert bool(tests) != applies.startswith("no")
    assert not applies.startswith("no") or applies.startswith("no: ")


@pytest.mark.parametrize(
    "node_id",
    ["tests/none.py::test_x", "tests/negatives/test_list.py::test_of_nobody", "tests/negatives/test_list.py::wrong",
     "tests/test_contract.py::test_7_running_it_again_changes_nothing",
     "tests/proofs/test_crawl.py::test_r28_no_parameter_of_any_route_tells_a_stranger_from_nobody"],
)  # fmt: skip
def test_a_planted_line_is_found(node_id: str):
    assert wrong(node_id)
