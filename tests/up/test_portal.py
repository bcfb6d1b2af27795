"""`bailiwick up`: one sentence for what goes wrong, and back on its feet after any death."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from bailiwick.up.postgres import running
from tests.portal import COMMAND, free_port


@pytest.fixture
def started(old_portal):
    old_portal.start()
    return old_portal


def alive(pid: int) -> bool:
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, *, within: float) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.02)
    return time.monotonic() - began


def refused(home: Path | str, port: int, **environment: str) -> str:
    """What `bailiwick up` says when it does not start: one line, exit code 1."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [*COMMAND, "up", "--port", str(port), "--home", str(home)],
        check=False,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_it_prints_the_address_and_a_sign_in_link_and_serves_both(new_portal):
    said = new_portal.start()
    assert f"Bailiwick runs at {new_portal.url}\n" in said
    link = re.search(rf"{re.escape(new_portal.url)}(/link/\S+)", said)[1]
    assert new_portal.get("/healthz") == (200, "alive\n")
    assert new_portal.get("/readyz") == (200, "ready\n")
    assert new_portal.get(link)[0] == 200


def test_ctrl_c_ends_every_process_and_a_second_start_is_quick_and_keeps_the_data(started):
    started.shell("seed", "--customers", "5", "--edges", "5")
    pids = started.processes()
    assert started.stop() == 0
    assert not [name for name, pid in pids.items() if alive(pid)]
    assert not (started.home / "processes.json").exists()
    began = time.monotonic()
    started.start()
    assert time.monotonic() - began < 10
    started.shell("seed", "--customers", "5", "--edges", "5")


def test_sigterm_during_the_first_start_leaves_nothing_that_hinders_the_next(new_portal):
    for moment in (0.3, 0.8, 1.6):
        process = subprocess.Popen(
            [*COMMAND, "up", "--port", str(new_portal.port), "--home", str(new_portal.home)],
            env=new_portal.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        time.sleep(moment)
        process.terminate()
        said = process.communicate(timeout=40)[1]
        assert "Traceback" not in said
    new_portal.start()


def test_killed_without_warning_it_leaves_nothing_that_hinders_the_next_start(started):
    pids = started.processes()
    os.kill(started.pid("up"), signal.SIGKILL)
    started.process.wait()
    started.start()
    assert not [name for name, pid in pids.items() if alive(pid)]


def test_a_killed_worker_is_back_within_seconds(portal):
    before = portal.pid("worker")
    os.kill(before, signal.SIGKILL)
    assert wait_for(lambda: portal.pid("worker") != before, within=5) < 3


def test_a_killed_web_server_is_back_on_the_same_port(portal):
    before = portal.pid("web")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: portal.pid("web") != before, within=10)
    portal.wait_until("/readyz", 200, within=20)


def test_a_killed_database_is_back_within_seconds_and_web_and_worker_live_on(portal):
    before = portal.processes()
    os.kill(before["postgres"], signal.SIGKILL)
    wait_for(lambda: portal.pid("postgres") != before["postgres"], within=10)
    portal.wait_until("/readyz", 200, within=15)
    time.sleep(1)
    after = portal.processes()
    assert (after["web"], after["worker"]) == (before["web"], before["worker"])


def test_a_port_in_use_is_one_sentence(new_portal):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(new_portal.home, port)
    assert said == f"Port {port} cannot be used: address already in use. Name another one with PORT.\n"


def test_a_port_that_does_not_exist_is_one_sentence(new_portal):
    assert "Port 70000 cannot be used" in refused(new_portal.home, 70000)


def test_a_second_portal_on_the_same_directory_is_refused_and_the_first_lives_on(portal):
    said = refused(portal.home, free_port())
    assert "is in use by a running portal (process" in said
    assert portal.get("/readyz")[0] == 200


def test_a_foreign_directory_is_one_sentence_and_stays_as_it_was(tmp_path):
    (tmp_path / "PG_VERSION").write_text("15")
    assert "not Bailiwick's" in refused(tmp_path, free_port())
    assert [entry.name for entry in tmp_path.iterdir()] == ["PG_VERSION"]


def test_a_full_disk_is_one_sentence(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        assert "No space left" in refused(small, free_port())
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_server_programs_that_are_not_there_are_one_sentence(new_portal):
    said = refused(new_portal.home, new_portal.port, BAILIWICK_POSTGRES="/nowhere/bin")
    assert "/nowhere/bin" in said


def test_a_database_url_that_nobody_answers_is_one_sentence(new_portal):
    said = refused(new_portal.home, new_portal.port, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert "The database does not answer" in said


def test_a_shell_command_works_beside_a_running_portal_and_alone(portal, old_portal):
    made = portal.shell("user", "create", "ulla@example.com", "--role", "support")
    assert made.startswith(f"{portal.url}/link/")
    old_portal.shell("user", "create", "ulla@example.com", "--role", "support")
    token = old_portal.shell("token", "create", "--user", "ulla@example.com", "--name", "script").strip()
    assert len(token.splitlines()) == 1
    assert running(old_portal.home) is None


def test_the_help_comes_at_once():
    began = time.monotonic()
    done = subprocess.run([*COMMAND, "--help"], check=True, capture_output=True, text=True)
    assert "up" in done.stdout
    assert time.monotonic() - began < 2


def test_a_command_beside_no_portal_says_so_and_makes_nothing(tmp_path):
    home = tmp_path / "var"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    for words in (("token", "create", "--user", "a@b.example", "--name", "t"), ("audit", "verify"), ("act", "--list")):
        command = [*COMMAND, *words]
        told = {**environment, "BAILIWICK_HOME": str(home)}
        ended = subprocess.run(command, env=told, capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stderr.startswith(f"There is no portal in {home} yet.")) == (1, True)
    assert not home.exists()
