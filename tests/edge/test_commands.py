"""The reference edge ends in a sentence, whatever it was given and whatever became of its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bailiwick.edge import beating
from bailiwick.edge.commands import app

STATE = {
    "url": "https://127.0.0.1:1", "edge": "e", "serial_number": "S", "software_version": "1", "run": 0,
    "heartbeat_seconds": 30,
}  # fmt: skip


def said(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    return done.output


@pytest.mark.parametrize("url", ["https://x:99999", "https://x:port", "http://x", "https://", "https://[::1", "x"])
def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    words = ("--url", url, "--key", "K", "--pin", "P", "--folder", str(tmp_path / "e"))
    assert f"{url} is no https address." in said("activate", *words)


@pytest.mark.parametrize("url", ["http://x:99999", "https://x:port", "ftp://x", "x"])
def test_a_portal_that_is_none(tmp_path: Path, url: str) -> None:
    assert "is no " in said("fleet", "1", "--portal", url, "--folder", str(tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({**STATE, "run": None})[:-1], "\0"])
@pytest.mark.parametrize("command", ["run", "deactivate"])
def test_a_broken_state(tmp_path: Path, command: str, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert "state.json is broken. Request a reactivation" in said(command, "--folder", str(tmp_path))


@pytest.mark.parametrize("identity", [None, "", "-----BEGIN CERTIFICATE-----"])
def test_a_certificate_that_is_gone_or_broken(tmp_path: Path, identity: str | None) -> None:
    (tmp_path / "state.json").write_text(json.dumps(STATE))
    for name in ("authority.pem", "identity.pem"):
        if identity is not None:
            (tmp_path / name).write_text(identity)
    assert "holds no certificate that can be used" in said("run", "--folder", str(tmp_path))


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = ("--url", "https://127.0.0.1:1", "--key", "K", "--pin", "P", "--folder", str(tmp_path / "file" / "e"))
    assert "Not a directory" in said("activate", *words)


def test_nothing_there_to_run(tmp_path: Path) -> None:
    assert "Begin with: bailiwick edge activate" in said("run", "--folder", str(tmp_path))


def test_a_wrong_image_is_asked_for_later_and_later_and_another_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(beating.time, "monotonic", lambda: now[0])
    wrong = beating.Wrong()
    assert wrong.may_try("a")
    assert [wrong.came("a") for _time in range(9)] == [300 * 2**n for n in range(7)] + [beating.LATEST] * 2
    assert (wrong.may_try("a"), wrong.may_try("b")) == (False, True)
    now[0] = beating.LATEST
    assert wrong.may_try("a")
