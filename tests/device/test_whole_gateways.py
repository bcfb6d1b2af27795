"""Real gateway processes over TLS: activated, heard, quiesced; an edge learns where it goes; one that is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bailiwick.up.process import dying_with_parent
from tests.device.whole import Fleet, until
from tests.portal import Portal, copied, remove_home

GATEWAY = [sys.executable, "-m", "bailiwick.cli", "gateway"]


@pytest.fixture
def fleet(prepared_home: Path, tmp_path: Path) -> Any:
    home = copied(prepared_home)
    made = Fleet(Portal(home), tmp_path)
    yield made
    made.end()
    made.portal.stop()
    remove_home(home)


def gateways(fleet: Fleet, number: int, pool: int) -> subprocess.Popen[str]:
    words = ["fleet", str(number), "--portal", fleet.portal.url, "--pool", str(pool), "--edges", "7"]
    process = subprocess.Popen(
        [*GATEWAY, *words, "--folder", str(fleet.folder / "gateways")], text=True, stdout=subprocess.DEVNULL,
        env=fleet.portal.environment | {"BAILIWICK_TOKEN": fleet.token}, preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- no threads in the test process yet
    )  # fmt: skip
    fleet.running.append(process)
    return process


def told(fleet: Fleet) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in fleet.rest("GET", "gateways?search=gw-fleet")["data"]}


def test_reb_03_gateways_report_and_an_edge_hears_who_replaces_the_quiesced_one(fleet: Fleet) -> None:
    pool = fleet.rest("GET", f"customers/{fleet.customer}")["gateway_pool_id"]
    gateways(fleet, 3, pool)
    until(lambda: [each["connected_edges"] for each in told(fleet).values()] == [7, 7, 7], within=60)
    assert {each["shown_state"] for each in told(fleet).values()} == {"CONNECTED"}
    fleet.activate("lyon", fleet.new("lyon"))
    fleet.run("lyon")
    kept = fleet.folder / "lyon" / "configuration.json"
    until(kept.exists, within=20)
    first = next(each for each in json.loads(kept.read_text())["gateways"] if each["name"] in told(fleet))
    replacement = next(each for name, each in sorted(told(fleet).items()) if name != first["name"])
    deadline = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {"replacement": replacement["id"], "deadline": deadline}
    fleet.rest("POST", f"gateways/{told(fleet)[first['name']]['id']}/quiesce", body)
    fleet.again("lyon")
    until(lambda: _replaced(kept, first["name"]) == replacement["name"], within=20)
    names = [event["name"] for event in fleet.rest("GET", "events?limit=200")["data"]]
    assert (names.count("GATEWAY_ACTIVATION"), names.count("QUIESCE_GATEWAY")) == (3, 1)


@pytest.mark.slow
def test_gateways_that_are_killed_are_missed_and_go_on_with_their_identity(fleet: Fleet) -> None:
    pool = fleet.rest("GET", f"customers/{fleet.customer}")["gateway_pool_id"]
    process = gateways(fleet, 3, pool)
    until(
        lambda: len(told(fleet)) == 3 and {each["condition"] for each in told(fleet).values()} == {"CONNECTED"},
        within=60,
    )
    process.kill()  # no word of goodbye: it is missed after more than two heartbeats
    until(lambda: {each["condition"] for each in told(fleet).values()} == {"OFFLINE"}, within=100)
    names = [event["name"] for event in fleet.rest("GET", "events?limit=200")["data"]]
    assert (names.count("GATEWAY_ACTIVATION"), names.count("GATEWAY_DOWN")) == (3, 3)
    gateways(fleet, 3, pool)
    until(lambda: {each["condition"] for each in told(fleet).values()} == {"CONNECTED"}, within=60)
    assert len(told(fleet)) == 3


def _replaced(kept: Path, name: str) -> str | None:
    found = {each["name"]: each for each in json.loads(kept.read_text())["gateways"]}
    return (found.get(name, {}).get("replacement") or {}).get("name")
