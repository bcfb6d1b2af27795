"""The geometry of the map: frames stay within the world, marks stay apart, and none is lost."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.web.world_map import COLUMNS, Box, Mark, apart

LONGITUDES = st.floats(-180, 180, allow_nan=False)
LATITUDES = st.floats(-90, 90, allow_nan=False)
WORLD = Path(__file__).parents[2] / "bailiwick" / "static" / "vendor" / "world.svg"


@given(LONGITUDES, LONGITUDES, LATITUDES, LATITUDES)
def test_a_frame_holds_what_it_is_of_and_nothing_beyond_the_world(a: float, b: float, c: float, d: float) -> None:
    box = Box(min(a, b), min(c, d), max(a, b), max(c, d))
    frame = box.framed
    assert frame.west <= box.west + 1e-6
    assert frame.east >= box.east - 1e-6
    assert frame.south <= box.south + 1e-6
    assert frame.north >= box.north - 1e-6
    assert frame.west >= -180
    assert frame.south >= -90
    assert frame.east <= 180 + 1e-6
    assert frame.north <= 90 + 1e-6
    assert abs((frame.east - frame.west) - 2 * (frame.north - frame.south)) < 1e-6
    assert Box.read(box.written) is not None


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "10,0,1,1", "0,10,1,1", "-181,0,1,1", "0,0,1,91"],
)
def test_what_is_no_part_of_the_world_is_none(text: str) -> None:
    assert Box.read(text) is None


def test_marks_stand_a_cell_apart_and_count_everybody() -> None:
    chance = random.Random(7)
    looks = ("up", "down", "degraded", "idle")
    marks = []
    for n in range(400):
        x, y = chance.uniform(0, 40), chance.uniform(0, 20)
        marks.append(Mark(x, y, Box(x, y, x, y), {chance.choice(looks): chance.randint(1, 9)}, n, (str(n),), ()))
    found = apart(marks, 40 / COLUMNS)
    assert sum(mark.total for mark in found) == sum(mark.total for mark in marks)
    assert len(found) < len(marks)
    assert [mark.total for mark in found] == sorted((mark.total for mark in found), reverse=True)
    for n, one in enumerate(found):
        for other in found[n + 1 :]:
            assert (one.longitude - other.longitude) ** 2 + (one.latitude - other.latitude) ** 2 >= 4
    shuffled = apart(chance.sample(marks, len(marks)), 2)
    assert [(mark.longitude, mark.total) for mark in found] == [(mark.longitude, mark.total) for mark in shuffled]


def test_the_one_that_needs_a_look_gives_the_look() -> None:
    box = Box(0, 0, 0, 0)
    assert Mark(0, 0, box, {"up": 9, "down": 1}, 1, (), ()).look == "down"
    assert Mark(0, 0, box, {"up": 9, "degraded": 1}, 1, (), ()).look == "degraded"
    assert Mark(0, 0, box, {"up": 1, "idle": 9}, 1, (), ()).look == "up"
    assert [Mark(0, 0, box, {"up": n}, 1, (), ()).number for n in (1, 12, 4321)] == ["", "12", "4k"]


def test_the_outlines_are_the_world_and_carry_their_licence() -> None:
    text = WORLD.read_text()
    assert "Permission to use, copy, modify" in text
    points = [(float(x), float(y)) for x, y in re.findall(r"(-?\d+\.\d+) (-?\d+\.\d+)", text)]
    assert len(points) > 5_000
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in points)
    assert not re.search(r"<script|style=|https?://(?!www\.w3\.org)", text)
