"""Real edge processes over TLS: activated, heard, missed, and a copied certificate refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import tarfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bailiwick.edge.orchestrator import AwayError, Orchestrator, RefusedError, trusting
from bailiwick.fleet.authority import authority, sign
from bailiwick.secret import installation_secret
from bailiwick.up.process import dying_with_parent
from tests.device.caller import certificate_request
from tests.device.whole import EDGE, Fleet, until
from tests.portal import Portal, copied, remove_home


@pytest.fixture(scope="module")
def fleet(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One portal for all tests of this file."""
    home = copied(prepared_home)
    made = Fleet(Portal(home), tmp_path_factory.mktemp("fleet"))
    yield made
    made.end()
    made.portal.stop()
    remove_home(home)


@pytest.fixture
def tmp_path(fleet: Fleet) -> Path:
    return fleet.folder


def test_three_edges_are_activated_and_heard_and_a_copy_of_one_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    made = {name: fleet.new(name) for name in ("lyon", "oslo", "turin")}
    for name, edge in made.items():
        fleet.activate(name, edge)
    assert set(fleet.states().values()) == {"CONNECTED"}
    for secret in ("identity.pem", "state.json", "authority.pem"):
        assert stat.S_IMODE((tmp_path / "lyon" / secret).stat().st_mode) == 0o600
    running = {name: fleet.run(name) for name in ("oslo", "turin")}
    fleet.run("lyon")
    until(lambda: all((tmp_path / name / "configuration.json").exists() for name in made), within=20)
    assert json.loads((tmp_path / "lyon" / "configuration.json").read_text())["heartbeat_seconds"] == 30
    _configured(fleet, tmp_path / "lyon", made["lyon"])

    _diagnosed(fleet, tmp_path / "lyon", made["lyon"])

    assert "used already" in fleet.activate("oslo-2", made["oslo"], code=1)
    assert "not whom the pin names" in fleet.activate("x", made["oslo"], code=1, pin="00" * 32)

    shutil.copytree(tmp_path / "lyon", tmp_path / "copy")
    for _turn in range(3):  # both start anew from one state, again and again
        for folder in ("lyon", "copy"):
            process = fleet.run(folder)
            time.sleep(1.5)
            process.terminate()
            process.wait(10)
    assert fleet.run("copy").wait(30) == 1
    assert "Two devices use this certificate" in fleet.said("copy")
    assert running["oslo"].poll() is None
    names = [event["name"] for event in fleet.rest("GET", "events?limit=200")["data"]]
    assert names.count("EDGE_CERTIFICATE_CLONED") == 1
    assert made["oslo"]["activation"]["key"] not in (fleet.portal.home / "log" / "devices.log").read_text()


def _configured(fleet: Fleet, folder: Path, made: dict[str, Any]) -> None:
    """What is chosen in the portal stands on the device after its next start, and the portal knows."""
    configuration = f"customers/{fleet.customer}/configuration"
    profile = fleet.rest("POST", configuration, {"kind": "profile", "name": "Branch", "body": {}})["local_id"]
    own = {"profile_id": profile, "overrides": {"firewall": {"logging": True}}}
    fleet.rest("PATCH", f"edges/{made['id']}/configuration", own)
    fleet.again("lyon")
    kept = folder / "configuration.json"
    until(lambda: json.loads(kept.read_text())["modules"] == own["overrides"], within=20)
    assert json.loads(kept.read_text())["profile"] == {"id": profile, "name": "Branch"}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    fleet.again("lyon")
    until(
        lambda: (fleet.rest("GET", f"edges/{made['id']}/configuration")["running"] or {}).get("is_present"), within=20
    )


def _diagnosed(fleet: Fleet, folder: Path, made: dict[str, Any]) -> None:
    """A bundle without a secret of the device, and a capture where the edge has the right to one."""
    for given in ({"kind": "plain"}, {"kind": "capture", "interface": "lo", "seconds": 1}):
        asked = fleet.rest("POST", f"edges/{made['id']}/diagnostic-bundles", given)
        fleet.again("lyon")
        until(lambda asked=asked: fleet.rest("GET", f"diagnostic-bundles/{asked['id']}")["ended_at"], within=20)
        ended = fleet.rest("GET", f"diagnostic-bundles/{asked['id']}")
        if given["kind"] == "capture":
            assert ended["state"] == ("complete" if os.geteuid() == 0 else "failed")
            continue
        content = (fleet.portal.home / "diagnostics" / asked["logical_id"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == ended["sha256"]
        with tarfile.open(fileobj=io.BytesIO(content)) as bundle:
            told = {name: bundle.extractfile(name).read().decode() for name in bundle.getnames()}
        assert json.loads(told["bundle/edge.json"])["modules"] == ["firewall"]
        for secret in ("PRIVATE KEY", "logging", (folder / "identity.pem").read_text().split()[5]):
            assert secret not in "".join(told.values())


def test_n14_tls_lets_no_certificate_in_that_is_not_ours(fleet: Fleet, tmp_path: Path) -> None:
    """Self-signed, of another authority, and the right name with the wrong key."""
    fleet.activate("graz", fleet.new("graz"))
    before = fleet.states()
    ours, strangers = tmp_path / "graz", _foreign(tmp_path)
    for certificate in strangers:
        door = Orchestrator(fleet.door, trusting(ours / "authority.pem", certificate, certificate))
        with pytest.raises(AwayError):
            door.ask("GET", "configuration")
    bare = Orchestrator(fleet.door, trusting(ours / "authority.pem"))
    with pytest.raises(RefusedError, match="Connect with the certificate"):
        bare.ask("GET", "configuration")
    with pytest.raises(RefusedError, match="no certificate that can be used"):
        trusting(ours / "authority.pem", _with_key_of(ours / "identity.pem", strangers[0]), strangers[0])
    assert fleet.states() == before


def test_a_certificate_that_has_ended_is_said_to_have_and_what_to_do(
    fleet: Fleet, tmp_path: Path, settings: Any
) -> None:
    settings.SECRET_KEY = installation_secret(fleet.portal.home)
    made = fleet.new("nizza")
    fleet.activate("nizza", made)
    own = ec.generate_private_key(ec.SECP256R1())
    long_ago = datetime.now(UTC) - timedelta(days=2_000)
    old = sign(authority(fleet.portal.home), certificate_request(own), edge=made["logical_id"],
               customer=made["logical_id"], now=long_ago)  # fmt: skip
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "nizza" / "identity.pem").write_bytes(key + old.public_bytes(Encoding.PEM))
    assert fleet.run("nizza").wait(30) == 1
    assert "has ended. Request a reactivation" in fleet.said("nizza")


def test_a_fleet_goes_on_whose_beginning_was_interrupted(fleet: Fleet, tmp_path: Path) -> None:
    """One edge was made and never activated, one was activated and its folder is gone."""
    fleet.new("fleet-00001")
    fleet.activate("fleet-00002", fleet.new("fleet-00002"), serial="FLEET-00002")
    shutil.rmtree(tmp_path / "fleet-00002")
    begun = subprocess.Popen(
        [*EDGE, "fleet", "2", f"--portal={fleet.portal.url}", f"--token={fleet.token}", f"--customer={fleet.customer}",
         f"--folder={tmp_path}"], stdout=subprocess.PIPE, text=True,
        preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- no threads in the test process yet
    )  # fmt: skip
    assert begun.stdout.readline() == "2 edges run.\n"
    begun.terminate()
    begun.wait(10)
    assert {name: state for name, state in fleet.states().items() if name.startswith("fleet-")} == {
        "fleet-00001": "CONNECTED", "fleet-00002": "CONNECTED",
    }  # fmt: skip


def test_an_edge_goes_on_while_the_orchestrator_is_away(fleet: Fleet) -> None:
    fleet.activate("bern", fleet.new("bern"))
    fleet.portal.stop()
    fleet.run("bern")
    until(lambda: "does not answer" in fleet.said("bern"), within=40)
    fleet.portal.start()
    until(lambda: "answers again" in fleet.said("bern"), within=60)
    assert fleet.states()["bern"] == "CONNECTED"


def _foreign(folder: Path) -> list[Path]:
    from bailiwick.up.certificate import own_certificate

    files = own_certificate(folder)
    alone = folder / "self-signed.pem"
    alone.write_text(files.certificate.read_text() + files.key.read_text())
    return [alone]


def _with_key_of(ours: Path, other: Path) -> Path:
    """Our certificate beside another key."""
    certificate = ours.read_text()[ours.read_text().index("-----BEGIN CERTIFICATE") :]
    key = other.read_text()[other.read_text().index("-----BEGIN PRIVATE KEY") :]
    mixed = other.with_name("mixed.pem")
    mixed.write_text(key + certificate)
    return mixed


def test_an_edge_fetches_the_ordered_image_in_parts_and_runs_it(fleet: Fleet, tmp_path: Path) -> None:
    image, content = fleet.image("7.0.1", size=2_500_000)
    fleet.rest("PATCH", f"operator-profiles/{fleet.profile}", {"image": image})
    fleet.activate("riga", fleet.new("riga"))
    fleet.run("riga")
    until(lambda: "The edge runs 7.0.1 now." in fleet.said("riga"), within=20)
    assert (tmp_path / "riga" / "image.zip").read_bytes() == content
    assert json.loads((tmp_path / "riga" / "state.json").read_text())["software_version"] == "7.0.1"
