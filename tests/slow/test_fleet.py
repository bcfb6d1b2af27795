"""Fifty real edges over TLS: upgraded in waves that halt at a failure, one killed and missed, one copied."""

from __future__ import annotations

import csv
import io
import shutil
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.device.test_whole import fleet  # noqa: F401 -- the portal of these tests
from tests.device.whole import Fleet, until

NUMBER, SECONDS = 50, 10
FAILING = "edge-03"


@pytest.mark.slow
def test_fifty_edges_are_upgraded_in_waves_one_dies_and_one_is_copied(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    fleet.rest("PATCH", f"operator-profiles/{fleet.profile}", {"heartbeat_seconds": SECONDS})
    names = [f"edge-{number:02d}" for number in range(NUMBER)]
    made = {name: fleet.new(name) for name in names}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: fleet.activate(name, made[name]), names))
    running = {name: fleet.run(name, *(["--fail-upgrade"] if name == FAILING else [])) for name in names}
    until(lambda: all((fleet.folder / name / "configuration.json").exists() for name in names), within=120)
    assert {fleet.states()[name] for name in names} <= {"CONNECTED", "DEGRADED"}
    upgrade_in_waves(fleet, names)

    victim, copied = names[7], names[11]
    running[victim].kill()
    began = time.monotonic()
    shutil.copytree(fleet.folder / copied, fleet.folder / "copy")
    copy = fleet.run("copy")
    until(lambda: fleet.states()[victim] == "OFFLINE", within=3 * SECONDS)
    print(f"missed after {time.monotonic() - began:.1f} s of {3 * SECONDS}")
    until(lambda: copy.poll() is not None and running[copied].poll() is not None, within=4 * SECONDS)
    assert "Two devices use this certificate" in fleet.said("copy") + fleet.said(copied)
    assert sum(process.poll() is None for process in running.values()) == NUMBER - 3

    rows = {row["Edge"]: row for row in inventory(fleet)}
    told = {edge["name"]: edge for edge in fleet.rest("GET", "edges?limit=2000")["data"]}
    for name in names:
        row, edge = rows[name], told[name]
        assert row["Serial Number"] == name.upper()
        assert (row["Activation State"], row["Edge State"]) == ("ACTIVATED", edge["state"])
        assert row["Software Version"] == ("1.0.0" if name == FAILING else "2.0.0")
    assert rows[victim]["Edge State"] == "OFFLINE"
    stat = fleet.rest("GET", f"customers/{fleet.customer}")
    states = list(fleet.states().values())
    until(lambda: fleet.rest("GET", f"customers/{fleet.customer}")["edges_down"] == states.count("OFFLINE"), within=5)
    assert stat["edges"] == len(states)


def upgrade_in_waves(fleet: Fleet, names: list[str]) -> None:  # noqa: F811
    """Halted by the one that does not come back, wherever its wave is; then on, to all the others."""
    image, _content = fleet.image("2.0.0", size=300_000)
    terms = {"canary": 5, "percents": "50", "patience_minutes": 1, "most_failures": 0, "pause_minutes": 0}
    begun = fleet.rest("POST", "rollouts", {"operator_profile": fleet.profile, "image": image, **terms})
    path = f"rollouts/{begun['id']}"
    assert [wave["edges"] for wave in begun["waves"]] == [5, 20, 25]
    until(lambda: fleet.rest("GET", path)["state"] == "halted", within=240)
    found = fleet.rest("GET", path)
    done = sum(wave["edges"] for wave in found["waves"] if wave["number"] <= found["wave"]) - 1
    expected = {"done": done, "failed": 1} | ({"waiting": NUMBER - done - 1} if found["wave"] < 3 else {})
    assert (found["reason"], found["steps"]) == ("too_many_failures", expected)
    (failed,) = fleet.rest("GET", f"{path}/edges?step=failed")["data"]
    told = {edge["id"]: edge for edge in fleet.rest("GET", "edges?limit=2000")["data"]}
    assert (told[failed["edge_id"]]["name"], failed["why"]) == (FAILING, "not_back")
    fleet.rest("POST", f"{path}/continue", {})
    until(lambda: fleet.rest("GET", path)["state"] == "done", within=120)
    until(lambda: versions(fleet, names) == {"1.0.0": 1, "2.0.0": NUMBER - 1}, within=30)


def versions(fleet: Fleet, names: list[str]) -> Counter[str]:  # noqa: F811
    told = fleet.rest("GET", "edges?limit=2000")["data"]
    return Counter(edge["software_version"] for edge in told if edge["name"] in names)


def inventory(fleet: Fleet) -> list[dict[str, Any]]:  # noqa: F811
    request = urllib.request.Request(
        f"{fleet.portal.url}/api/v1/exports/edge-inventory.csv", headers={"Authorization": f"Token {fleet.token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"))))
