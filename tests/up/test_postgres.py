"""The database of an installation: private, made once, and back after any end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from bailiwick.up.home import Home, InUseError, ProblemError
from bailiwick.up.postgres import Postgres, running
from tests.portal import new_home, remove_home


@pytest.fixture
def home():
    path = new_home()
    yield Home(path).open()
    remove_home(path)


@pytest.fixture
def server(home):
    started = Postgres(home.path, durable=False)
    yield started
    started.stop()


def test_tests_run_on_a_real_database(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bailiwick_customer")
        assert cursor.fetchone() == (0,)


def test_it_keeps_its_data_over_a_restart_and_names_itself_while_it_runs(home, server):
    url = server.start()
    with psycopg.connect(url) as session:
        session.execute("CREATE TABLE kept AS SELECT 'Ångström' AS word")
    assert running(home.path) == url
    server.stop()
    assert running(home.path) is None
    with psycopg.connect(server.start()) as session:
        assert session.execute("SELECT lower(word) FROM kept").fetchone() == ("ångström",)


def test_what_was_committed_survives_a_kill_of_the_server(home):
    durable = Postgres(home.path)
    with psycopg.connect(durable.start()) as session:
        session.execute("CREATE TABLE kept AS SELECT 1 AS one")
        session.commit()
        durable.process.kill()
        durable.process.wait()
    try:
        with psycopg.connect(durable.start()) as session:
            assert session.execute("SELECT one FROM kept").fetchone() == (1,)
    finally:
        durable.stop()


def test_a_mark_left_by_a_process_that_is_another_one_now_does_not_hinder_the_start(home, server):
    server.start()
    server.process.kill()
    server.process.wait()
    mark = server.data / "postmaster.pid"
    lines = mark.read_text().splitlines()
    mark.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    server.start()
    assert running(home.path)


def test_an_interrupted_making_of_the_database_is_begun_again(home, server):
    (home.path / "database").mkdir(mode=0o711)
    half = home.path / "database" / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("9")
    server.start()
    assert not half.exists()


def test_data_of_another_server_version_is_refused_with_a_sentence(home, server):
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ProblemError, match=r"written by PostgreSQL 9, but this server is 1\d"):
        Postgres(home.path).start()


def test_only_the_owner_reads_the_password_and_enters_the_data(home, server):
    server.start()
    assert stat.S_IMODE((home.path / "database-password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert not list(home.path.glob("database/password*"))


def test_the_server_listens_on_no_network_and_asks_everybody_for_a_password(home, server):
    url = server.start()
    with psycopg.connect(url) as session:
        assert session.execute("SHOW listen_addresses").fetchone() == ("",)
        assert session.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert session.execute("SHOW data_checksums").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace("://bailiwick:", "://bailiwick:x"))


def test_the_server_does_not_run_as_root(home, server):
    server.start()
    assert Path("/proc", str(server.process.pid)).stat().st_uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's home is closed to the account of the database")
def test_a_state_directory_below_a_closed_home_works_and_the_home_stays_closed(tmp_path):
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    home = Home(closed / "state").open()
    server = Postgres(home.path, durable=False)
    try:
        server.start()
        assert running(home.path)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        server.stop()
        remove_home(home.path)


def test_a_very_long_path_with_odd_characters_works(home):
    odd = Home(home.path / ("long " * 20) / 'comma, "quote"').open()
    server = Postgres(odd.path, durable=False)
    try:
        with psycopg.connect(server.start()) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        server.sockets.rmdir()


def test_a_directory_with_foreign_files_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ProblemError, match="not Bailiwick's"):
        Home(tmp_path).open()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "state").touch()
    with pytest.raises(ProblemError, match="cannot be used"):
        Home(tmp_path / "state").open()


def test_only_one_process_works_in_a_state_directory(home):
    home.lock("the first")
    with pytest.raises(InUseError, match="the first"):
        Home(home.path).open().lock("the second")
    home.unlock()
    Home(home.path).open().lock("the second")


def test_the_server_ends_when_the_process_that_started_it_is_killed(home):
    code = (
        "import sys, time; from pathlib import Path; from bailiwick.up.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[1]), durable=False); server.start(); print(server.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code, str(home.path)], stdout=subprocess.PIPE, text=True)
    pid = int(starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    until = time.monotonic() + 10
    while Path("/proc", str(pid)).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path("/proc", str(pid)).exists()
    starter.stdout.close()
