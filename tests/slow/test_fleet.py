"""Fifty real edges over TLS: heard, one killed and missed within three heartbeats, one copied and refused."""

from __future__ import annotations

import csv
import io
import shutil
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.device.test_whole import fleet  # noqa: F401 -- the portal of these tests
from tests.device.whole import Fleet, until

NUMBER, SECONDS = 50, 10


@pytest.mark.slow
def test_fifty_edges_of_which_one_dies_and_one_is_copied(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    profile = fleet.rest("GET", f"customers/{fleet.customer}")["operator_profile_id"]
    fleet.rest("PATCH", f"operator-profiles/{profile}", {"heartbeat_seconds": SECONDS})
    names = [f"edge-{number:02d}" for number in range(NUMBER)]
    made = {name: fleet.new(name) for name in names}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: fleet.activate(name, made[name]), names))
    running = {name: fleet.run(name) for name in names}
    until(lambda: all((fleet.folder / name / "configuration.json").exists() for name in names), within=120)
    assert {fleet.states()[name] for name in names} <= {"CONNECTED", "DEGRADED"}

    victim, copied = names[7], names[11]
    running[victim].kill()
    began = time.monotonic()
    shutil.copytree(fleet.folder / copied, fleet.folder / "copy")
    copy = fleet.run("copy")
    until(lambda: fleet.states()[victim] == "OFFLINE", within=3 * SECONDS)
    print(f"missed after {time.monotonic() - began:.1f} s of {3 * SECONDS}")
    until(lambda: copy.poll() is not None and running[copied].poll() is not None, within=4 * SECONDS)
    assert "Two devices use this certificate" in fleet.said("copy") + fleet.said(copied)
    assert sum(process.poll() is None for process in running.values()) == NUMBER - 2

    rows = {row["Edge"]: row for row in inventory(fleet)}
    told = {edge["name"]: edge for edge in fleet.rest("GET", "edges?limit=2000")["data"]}
    for name in names:
        row, edge = rows[name], told[name]
        assert row["Serial Number"] == name.upper()
        assert (row["Activation State"], row["Software Version"]) == ("ACTIVATED", "1.0.0")
        assert row["Edge State"] == edge["state"]
    assert rows[victim]["Edge State"] == "OFFLINE"
    stat = fleet.rest("GET", f"customers/{fleet.customer}")
    states = list(fleet.states().values())
    until(lambda: fleet.rest("GET", f"customers/{fleet.customer}")["edges_down"] == states.count("OFFLINE"), within=5)
    assert stat["edges"] == len(states)


def inventory(fleet: Fleet) -> list[dict[str, Any]]:  # noqa: F811
    request = urllib.request.Request(
        f"{fleet.portal.url}/api/v1/exports/edge-inventory.csv", headers={"Authorization": f"Token {fleet.token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"))))
