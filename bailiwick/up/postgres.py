"""PostgreSQL for one installation, as our child: made on first use, reached by a private socket and by no network."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql

from bailiwick.up.binaries import find_binaries
from bailiwick.up.cluster import SUPERUSER, last_words, make_cluster, password_of
from bailiwick.up.home import ProblemError
from bailiwick.up.place import place_of, socket_folder
from bailiwick.up.process import Account, ended, spawn, unprivileged

if TYPE_CHECKING:
    import subprocess

DATABASE = "bailiwick"
MINUTES_FOR_RECOVERY = 15
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "120",
    "jit": "off",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "100",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One server for one state directory. The caller holds the directory's lock, so nobody else starts or makes it."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Makes the database on first use, starts the server and answers with its DATABASE_URL."""
        self.account = _account_of(self.home)
        self.place = place_of(self.home, self.account)
        self.binaries = find_binaries().reachable_for(self.account, below=self.place)
        self.data = self.place / "data"
        if not self.data.exists():
            make_cluster(self.home, self.place, self.binaries, self.account, durable=self.durable)
        self._check_version()
        self.sockets = socket_folder(self.place, self.account)
        self.spawn()
        self.wait_until_ready()
        self._ensure_database()
        return _url(self.home, self.sockets)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server process; the supervisor calls it again when the process died."""
        _wait_for_the_last_one(self.data)
        options = [part for name, value in self._settings().items() for part in ("-c", f"{name}={value}")]
        self.process = spawn(
            [self.binaries["postgres"], "-D", str(self.data), "-k", str(self.sockets), *options],
            dies_by=signal.SIGINT,
            log=self.home / "log" / "postgres.log",
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGDATA": str(self.data)},
            account=self.account,
        )
        return self.process

    def wait_until_ready(self) -> None:
        """Returns when connections are taken. Recovery after a crash may last: only the end of the process fails."""
        until = time.monotonic() + MINUTES_FOR_RECOVERY * 60
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise ProblemError(f"PostgreSQL did not start: {last_words(self.home)}")
            if self._says_ready():
                self._connect(SUPERUSER).close()
                return
            time.sleep(0.02)
        raise ProblemError("PostgreSQL did not become ready in time.")

    @property
    def running_process(self) -> subprocess.Popen[bytes]:
        """The process of a started server."""
        if self.process is None:
            raise ProblemError("PostgreSQL is not started.")
        return self.process

    def stop(self) -> None:
        """Ends the server by a fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.process:
            ended(self.process, how=signal.SIGINT, within=30)

    def _says_ready(self) -> bool:
        """The eighth line of the server's own mark tells its state."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def _settings(self) -> dict[str, str]:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        sized = {
            "shared_buffers": f"{min(1024, max(128, memory // 8))}MB",
            "effective_cache_size": f"{memory // 2}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
        }
        return {**SETTINGS, **sized, **({} if self.durable else FORGETFUL)}

    def _check_version(self) -> None:
        marker = self.data / "PG_VERSION"
        made_by = marker.read_text().strip() if marker.exists() else "something else"
        if made_by != str(self.binaries.major):
            raise ProblemError(
                f"The data in {self.data} was written by PostgreSQL {made_by}, "
                f"but this server is {self.binaries.major}; name the older one's programs in BAILIWICK_POSTGRES.",
            )

    def _ensure_database(self) -> None:
        """Makes the portal's role and database: the role owns its database and is no superuser."""
        password = sql.Literal(password_of(self.home))
        role, database = sql.Identifier(DATABASE), sql.Identifier(DATABASE)
        with self._connect(SUPERUSER) as server:
            if not server.execute("SELECT FROM pg_roles WHERE rolname = %s", [DATABASE]).rowcount:
                make = sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}")
                server.execute(make.format(role, password))
            if not server.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def _connect(self, user: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            user=user,
            password=password_of(self.home),
            dbname="postgres",
            connect_timeout=10,
            autocommit=True,
        )


def running(home: Path) -> str | None:
    """The DATABASE_URL of the server that works for this state directory now, if one does."""
    place = home / "database"
    if not (place.exists() and (home / "database-password").exists()):
        return None
    pid_file = place.resolve() / "data" / "postmaster.pid"
    try:
        sockets = Path(pid_file.read_text().splitlines()[4])
        url = _url(home, sockets)
        psycopg.connect(url, connect_timeout=5).close()
    except (OSError, IndexError, psycopg.OperationalError):
        return None
    return url


def _url(home: Path, sockets: Path) -> str:
    return f"postgresql://{DATABASE}:{password_of(home)}@/{DATABASE}?host={quote(str(sockets), safe='')}"


def _account_of(home: Path) -> Account | None:
    """The account the data belongs to already, or the one chosen for new data."""
    account = unprivileged()
    data = home / "database" / "data"
    if account and data.exists():
        there = data.stat()
        return Account(there.st_uid, there.st_gid)
    return account


def _wait_for_the_last_one(data: Path) -> None:
    """Waits while a server of an earlier run still shuts down, and removes the mark of one that is gone."""
    mark = data / "postmaster.pid"
    until = time.monotonic() + 60
    while mark.exists() and time.monotonic() < until:
        pid = mark.read_text().split("\n", 1)[0]
        if not _serves(pid, data):
            mark.unlink(missing_ok=True)
            return
        time.sleep(0.05)
    if mark.exists():
        raise ProblemError(f"Another PostgreSQL server still works in {data}.")


def _serves(pid: str, data: Path) -> bool:
    """Whether that process lives and is a server of this data: numbers are given again, most of all in containers."""
    try:
        state = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and os.fsencode(data) in Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return False
