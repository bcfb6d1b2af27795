"""The systemd units name programs and variables that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def test_there_are_units_for_web_devices_worker_and_migration():
    assert [unit.stem for unit in UNITS] == [
        "bailiwick-devices",
        "bailiwick-migrate",
        "bailiwick-web",
        "bailiwick-worker",
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_programs_of_a_unit_are_installed(unit):
    for program in re.findall(r"^ExecStart=/opt/bailiwick/.venv/bin/(\S+)", unit.read_text(), re.MULTILINE):
        assert Path(sys.executable).with_name(program).exists()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_variables_of_a_unit_are_read_somewhere(unit):
    code = "".join(file.read_text() for file in (ROOT / "bailiwick").rglob("*.py"))
    for name in re.findall(r"\b(BAILIWICK_\w+)=", unit.read_text()):
        assert f'"{name}"' in code, f"nothing reads {name}"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd to ask")
def test_systemd_understands_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text().replace("/opt/bailiwick/.venv", str(Path(sys.executable).parents[1]))
        (tmp_path / unit.name).write_text(text)
    units = sorted(str(unit) for unit in tmp_path.iterdir())
    checked = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True, text=True)
    said = [line for line in checked.stderr.splitlines() if "bailiwick" in line]
    assert (checked.returncode, said) == (0, [])
